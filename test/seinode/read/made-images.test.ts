/** Which image a template or a Pod was made with, as its managed fields tell. */
import { expect, test } from "bun:test";
import { hasImagesAsMade } from "../../../src/seinode/read/made-images.ts";

const MADE = { "f:image": {}, "f:name": {}, "f:resources": {} };
const { "f:image": _image, ...EDITED } = MADE;

/** `managedFields` as the API server has them (1.37), by who owns what of the two containers. */
function pod(...entries: readonly { seid?: object; sidecar?: object; [field: string]: unknown }[]) {
  const managedFields = entries.map(({ seid, sidecar, ...entry }) => ({
    operation: "Update",
    fieldsV1: {
      "f:spec": {
        ...(seid === undefined ? {} : { "f:containers": { 'k:{"name":"seid"}': seid } }),
        ...(sidecar === undefined ? {} : { "f:initContainers": { 'k:{"name":"sei-sidecar"}': sidecar } }),
      },
    },
    ...entry,
  }));
  return { metadata: { managedFields } };
}

const controller = { manager: "kube-controller-manager", seid: MADE, sidecar: MADE };

test.each<[string, unknown, boolean]>([
  ["as it was made, whatever admission rewrote", pod(controller), true],
  ["with a status of the kubelet's", pod(controller, { manager: "kubelet", subresource: "status" }), true],
  [
    "whose image was edited",
    pod({ ...controller, seid: EDITED }, { manager: "kubectl-set", seid: { "f:image": {} } }),
    false,
  ],
  [
    "whose sidecar's image was edited",
    pod({ ...controller, sidecar: EDITED }, { manager: "kubectl-set", sidecar: { "f:image": {} } }),
    false,
  ],
  [
    "whose image was applied by somebody",
    pod({ ...controller, seid: EDITED }, { manager: "x", operation: "Apply", seid: MADE }),
    false,
  ],
  ["whose resources were edited", pod(controller, { manager: "vpa", seid: { "f:resources": {} } }), true],
  ["that does not say", { metadata: {} }, false],
  ["that is none", null, false],
])("a Pod %s: %p", (_title, raw, want) => {
  expect(hasImagesAsMade(raw)).toBe(want);
});
