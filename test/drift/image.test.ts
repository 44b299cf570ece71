/** The detector `image`. */
import { expect, test } from "bun:test";
import type { OwnedObjects } from "../../src/model/index.ts";
import { image } from "../../src/drift/image.ts";
import { aPod, aStatefulSet, Stage } from "../fixtures/stage.ts";

const applied = { generation: 1, statefulSet: "v1", service: "service" };
const nothing: OwnedObjects = { pod: null, statefulSet: null, service: null, claim: null, sidecarImage: null };

/** A Pod whose `seid` container asks for an image. */
function podOf(want: string, deleting = false) {
  const pod = aPod("pod-1", { deleting });
  return { ...pod, containers: pod.containers.map((one) => (one.name === "seid" ? { ...one, image: want } : one)) };
}

function judged(status: object, owned: Partial<OwnedObjects> = {}) {
  const node = new Stage({ phase: "Running", ...status }).node();
  return image.detect({ node, owned: { ...nothing, ...owned }, observed: null, now: 0 });
}

test.each<[string, object, Partial<OwnedObjects>, string | null]>([
  ["what was seen is what is wanted", { currentImage: "seid:v1" }, {}, null],
  ["another image was seen", { currentImage: "seid:v0" }, {}, "seid:v0"],
  ["none was ever seen", {}, {}, ""],
  [
    "none was ever seen, and template and Pod ask for it",
    {},
    { statefulSet: aStatefulSet("v1"), pod: podOf("seid:v1") },
    null,
  ],
  ["none was ever seen, and the Pod asks for another", { applied }, { pod: podOf("seid:v2") }, "seid:v2"],
  [
    "the template asks for another",
    { applied, currentImage: "seid:v1" },
    { statefulSet: aStatefulSet("v2") },
    "seid:v2",
  ],
  ["the template agrees", { currentImage: "seid:v1" }, { statefulSet: aStatefulSet("v1") }, null],
  [
    "the template names no image",
    { currentImage: "seid:v1" },
    { statefulSet: { ...aStatefulSet("v1"), templateImage: null } },
    null,
  ],
  ["the Pod asks for one that never started", { currentImage: "seid:v1" }, { pod: podOf("seid:v2") }, "seid:v2"],
  ["that Pod is going away", { currentImage: "seid:v1" }, { pod: podOf("seid:v2", true) }, null],
  ["the Pod has no such container", { currentImage: "seid:v1" }, { pod: aPod("pod-1", { containers: [] }) }, null],
  ["a workflow holds the node", { currentImage: "seid:v0", adoptedWorkflow: { name: "restore" } }, {}, null],
])("when %s", (_title, status, owned, current) => {
  const want = current === null ? null : `image from ${current} to seid:v1`;
  expect(judged(status, owned)?.message ?? null).toBe(want);
});

test("its plan rolls the node, sees it through and opens the gate last, and lapses with the image alone", () => {
  const drift = judged({ currentImage: "seid:v0" });
  expect(drift?.tasks.map(({ type }) => type)).toEqual([
    "apply-statefulset",
    "apply-service",
    "observe-image",
    "mark-ready",
  ]);
  expect(drift).toMatchObject({
    reason: "ImageChanged",
    targetPhase: "Running",
    madeFrom: { "spec.image": "seid:v1" },
  });
  expect(drift).not.toHaveProperty("failedPhase");
});
