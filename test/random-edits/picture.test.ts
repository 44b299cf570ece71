/** The picture of a node by which two nodes are compared. */
import { expect, test } from "bun:test";
import { conditionsOf, differences, type Objects, pictureOf } from "../../scripts/random-edits/picture.ts";
import type { Condition } from "../../src/model/index.ts";

const SIDECAR = { port: 7777, isOpen: true };

function objects(name: string, change: object = {}): Objects {
  const metadata = (of: string) => ({
    name: of,
    uid: `uid-of-${of}`,
    resourceVersion: `${of.length}`,
    labels: { "sei.io/node": name },
    ownerReferences: [{ kind: "SeiNode", name, uid: `uid-of-${name}` }],
  });
  const object = (kind: string, of: string, spec: Readonly<Record<string, unknown>>) => ({
    apiVersion: "v1",
    kind,
    metadata: metadata(of),
    spec,
  });
  return {
    node: {
      ...object("SeiNode", name, {}),
      status: {
        phase: "Running",
        currentImage: "sei:1",
        conditions: [condition("Ready", "True"), condition("Drift", "False")],
        ...change,
      },
    },
    statefulSet: object("StatefulSet", name, { replicas: 1, serviceName: name }),
    service: object("Service", name, { selector: { "sei.io/node": name } }),
    claim: object("PersistentVolumeClaim", `data-${name}`, { volumeName: `pvc-${name.length}` }),
    pod: object("Pod", `${name}-0`, {
      nodeName: `kwok-${name.length}`,
      containers: [{ name: "seid", image: "sei:1" }],
    }),
  };
}

function condition(type: string, status: Condition["status"]): Condition {
  return { type, status, reason: "Some", message: "", lastTransitionTime: "", observedGeneration: 1 };
}

test("two nodes that differ in name, UID, version and place look the same", () => {
  expect(differences(pictureOf(objects("edited"), SIDECAR), pictureOf(objects("afresh-1"), SIDECAR))).toEqual([]);
});

test.each<[string, object, object, readonly string[]]>([
  ["an image that was seen", { currentImage: "sei:2" }, SIDECAR, ['currentImage: edited "sei:2", fresh "sei:1"']],
  ["peers that are left over", { resolvedPeers: [] }, SIDECAR, ["resolvedPeers: edited [], fresh nothing"]],
  [
    "a condition",
    { conditions: [condition("Ready", "Unknown")] },
    SIDECAR,
    ['conditions.Ready: edited "Unknown/Some", fresh "True/Some"'],
  ],
  ["a gate", {}, { port: 7777, isOpen: false }, ["sidecar.isOpen: edited false, fresh true"]],
])("%s that differs is told by its path", (_title, change, sidecar, want) => {
  expect(differences(pictureOf(objects("edited", change), sidecar), pictureOf(objects("afresh"), SIDECAR))).toEqual(
    want,
  );
});

test("an object that is missing is told", () => {
  const without = { ...objects("edited"), service: null };
  const told = differences(pictureOf(without, SIDECAR), pictureOf(objects("afresh"), SIDECAR));
  expect(told).toContain("service: edited null, fresh nothing");
});

test("False is as good as not set, but for what a node is and its sidecar", () => {
  const all = ["Drift", "PodOutdated", "Ready", "SidecarReady"].map((type) => condition(type, "False"));
  const { node } = objects("a", { conditions: all });
  expect(conditionsOf(node)).toEqual({ Ready: "False/Some", SidecarReady: "False/Some" });
});
