/** In what that which runs is not what the spec asks for, as Ready says it. */
import { describe, expect, test } from "bun:test";
import type { OwnedObjects } from "../../../src/model/index.ts";
import { specGap } from "../../../src/model/applied/spec-gap.ts";
import { aClaim, aPod, aRunningStatus, aService, aStatefulSet, Stage } from "../../fixtures/stage.ts";

interface Scene {
  readonly spec?: Readonly<Record<string, string>>;
  readonly generation?: number;
  /** Fields that status lacks. */
  readonly without?: readonly string[];
  readonly owned?: Partial<OwnedObjects>;
}

function told({ spec = {}, generation = 1, without = [], owned = {} }: Scene): string | null {
  const status = Object.entries({ ...aRunningStatus(), currentSidecarImage: "sidecar:v1" });
  const stage = new Stage(Object.fromEntries(status.filter(([name]) => !without.includes(name))));
  stage.raw.spec = { ...stage.raw.spec, ...spec };
  stage.raw.metadata["generation"] = generation;
  const usual: OwnedObjects = {
    pod: aPod("pod-1"),
    statefulSet: aStatefulSet("v1"),
    service: aService(),
    claim: aClaim("claim-1"),
    sidecarImage: "sidecar:v1",
  };
  const gap = specGap(stage.node(), { ...usual, ...owned });
  return gap === null ? null : `${gap.of}: ${gap.message}`;
}

const set = aStatefulSet("v1");

describe("nothing is said of", () => {
  test.each<[string, Scene]>([
    ["what is as it should be", {}],
    ["a Pod that is gone", { owned: { pod: null } }],
    ["a Service that is gone, which nothing runs by", { owned: { service: null } }],
    ["a Service that was edited", { owned: { service: { ...aService(), ownedDigest: "x" } } }],
    ["an image by another name of the same", { spec: { image: "docker.io/library/seid:v1" } }],
    ["a node of another manager's that runs what is asked for", { without: ["applied"] }],
  ])("%s", (_title, scene) => {
    expect(told(scene)).toBeNull();
  });
});

describe("it is said of", () => {
  test.each<[string, Scene, string]>([
    ["another image", { spec: { image: "seid:v2" }, generation: 2 }, "rollOut: spec.image: got seid:v1, want seid:v2"],
    [
      "an image that nobody has seen run",
      { without: ["currentImage"], owned: { statefulSet: null, pod: null } },
      "rollOut: spec.image: nobody has seen seid:v1 run",
    ],
    [
      "another image of the sidecar",
      { owned: { sidecarImage: "sidecar:v2" } },
      "rollOut: image of the sidecar: got sidecar:v1, want sidecar:v2",
    ],
    [
      "a StatefulSet that is gone",
      { owned: { statefulSet: null } },
      "template: the StatefulSet is gone, or lost its label sei.io/node",
    ],
    [
      "one that was edited",
      { owned: { statefulSet: { ...set, ownedDigest: "x" } } },
      "template: the StatefulSet was edited",
    ],
    ["a spec that is newer", { generation: 2 }, "template: the spec changed since its objects were applied"],
    [
      "a Pod that is older than its template",
      { owned: { statefulSet: { ...set, updateRevision: "v2" } } },
      "template: Pod node-0 is older than its template: what was edited takes effect when it is next replaced, for example by deleting it",
    ],
    [
      "a template that its controller has not seen",
      { owned: { statefulSet: { ...set, generation: 2 } } },
      "template: Pod node-0 is older than its template: what was edited takes effect when it is next replaced, for example by deleting it",
    ],
  ])("%s", (_title, scene, want) => {
    expect(told(scene)).toBe(want);
  });
});
