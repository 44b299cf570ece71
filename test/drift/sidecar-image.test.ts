/** The detector `sidecar-image`. */
import { expect, test } from "bun:test";
import type { OwnedObjects } from "../../src/model/index.ts";
import { sidecarImage } from "../../src/drift/sidecar-image.ts";
import { aPod, aRunningStatus, aStatefulSet, Stage } from "../fixtures/stage.ts";

const plain: OwnedObjects = { pod: null, statefulSet: null, service: null, claim: null, sidecarImage: "sidecar:v1" };

function detect(scene: { status?: object; spec?: object; owned?: Partial<OwnedObjects> }) {
  const stage = new Stage({ ...aRunningStatus(), currentSidecarImage: "sidecar:v1", ...scene.status });
  stage.raw.spec = { ...stage.raw.spec, ...scene.spec };
  return sidecarImage.detect({ node: stage.node(), owned: { ...plain, ...scene.owned }, observed: null, now: 0 });
}

/** The Pod with its sidecar of another image. */
function podOf(image: string, deleting = false) {
  const pod = aPod("pod-2");
  const containers = pod.containers.map((one) => (one.name === "sei-sidecar" ? { ...one, image } : one));
  return { ...pod, containers, deleting };
}

const v2 = { sidecarImage: "sidecar:v2" };

test.each<[string, Parameters<typeof detect>[0], string | null]>([
  ["the image that was seen is the one that is wanted", {}, null],
  ["the platform has another one now", { owned: v2 }, "SidecarImageChanged"],
  ["it was never seen, so nobody is rolled", { status: { currentSidecarImage: undefined }, owned: v2 }, null],
  ["the spec cannot be read", { owned: { sidecarImage: null } }, null],
  ["a workflow owns the node", { owned: v2, status: { adoptedWorkflow: { name: "w" } } }, null],
  [
    "rolled back while the Pod asks for one that never started",
    { owned: { pod: podOf("sidecar:v2") } },
    "SidecarImageChanged",
  ],
  ["such a Pod that is going says nothing", { owned: { pod: podOf("sidecar:v2", true) } }, null],
  [
    "rolled back while the template asks for another",
    { owned: { statefulSet: { ...aStatefulSet("v1"), templateSidecarImage: "sidecar:v2" } } },
    "SidecarImageChanged",
  ],
])("%s", (_title, scene, reason) => {
  expect(detect(scene)?.reason ?? null).toBe(reason);
});

test("the platform's image takes a place in the budget, and one of this very spec does not", () => {
  expect(detect({ owned: v2 })?.budget).toBe("sidecar-image");
  const own = detect({ owned: v2, spec: { sidecar: { image: "sidecar:v2" } } });
  expect(own?.budget).toBeUndefined();
  expect(own?.madeFrom).toEqual({ "spec.image": "seid:v1", "spec.sidecar.image": "sidecar:v2" });
});

test("its plan rolls the node, sees it through and opens the gate last", () => {
  expect(detect({ owned: v2 })?.tasks.map(({ type }) => type)).toEqual([
    "apply-statefulset",
    "apply-service",
    "observe-image",
    "mark-ready",
  ]);
});
