/** Images where admission rewrites what Pods or templates say, or somebody edits a Pod in place. */
import { describe, expect, test } from "bun:test";
import type { NodeStatus, PodView, OwnedObjects } from "../../src/model/index.ts";
import { image } from "../../src/drift/image.ts";
import { imageRemark } from "../../src/model/applied/index.ts";
import { sidecarImage } from "../../src/drift/sidecar-image.ts";
import { workload } from "../../src/drift/workload.ts";
import { aClaim, aPod, aRunningStatus, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const DIGEST = `@sha256:${"a".repeat(64)}`;

interface Scene {
  readonly spec?: Readonly<Record<string, string>>;
  readonly status?: Partial<NodeStatus>;
  readonly owned?: Partial<OwnedObjects>;
}

/** A Pod that says something else of its images. */
function saying(images: Readonly<Record<string, string>>, change: Partial<PodView> = {}): PodView {
  const { containers, ...rest } = aPod("pod-2", change);
  return { ...rest, containers: containers.map((one) => ({ ...one, image: images[one.name] ?? one.image })) };
}

function inputOf({ spec = {}, status = {}, owned = {} }: Scene) {
  const stage = new Stage({ ...aRunningStatus(), currentSidecarImage: "sidecar:v1", ...status });
  stage.raw.spec = { ...stage.raw.spec, ...spec };
  const usual: OwnedObjects = {
    pod: aPod("pod-2"),
    statefulSet: aStatefulSet("v1"),
    service: aService(),
    claim: aClaim("claim-1"),
    sidecarImage: "sidecar:v1",
  };
  return { node: stage.node(), owned: { ...usual, ...owned }, observed: null, now: stage.now };
}

/** Reasons of all drifts. */
function drifts(scene: Scene): readonly string[] {
  const input = inputOf(scene);
  return [image, sidecarImage, workload].flatMap((detector) => detector.detect(input)?.reason ?? []);
}

const MIRRORED = { seid: "mirror.local/seid:v1", "sei-sidecar": "mirror.local/sidecar:v1" };
const rewritten = {
  seid: { asked: "seid:v1", stored: "mirror.local/seid:v1" },
  sidecar: { asked: "sidecar:v1", stored: "mirror.local/sidecar:v1" },
};
const applied = { generation: 1, statefulSet: "v1", service: "service" };
const mirroredSet = {
  ...aStatefulSet("v1"),
  templateImage: "mirror.local/seid:v1",
  templateSidecarImage: "mirror.local/sidecar:v1",
};

describe("is no drift:", () => {
  test.each<[string, Scene]>([
    ["a Pod with a mirror's images", { owned: { pod: saying(MIRRORED) } }],
    ["a Pod with digests", { owned: { pod: saying({ seid: `seid:v1${DIGEST}` }) } }],
    ["a Pod whose sidecar alone has a mirror's image", { owned: { pod: saying({ "sei-sidecar": "m/sidecar:v1" }) } }],
    [
      "a template that says what it said after our apply, and its Pod",
      { status: { applied: { ...applied, rewritten } }, owned: { statefulSet: mirroredSet, pod: saying(MIRRORED) } },
    ],
    [
      "a template that somebody gave a digest of the same image, but for its edit",
      { owned: { statefulSet: { ...aStatefulSet("v1"), templateImage: `seid:v1${DIGEST}` } } },
    ],
    [
      "a spec that says the same in full",
      { spec: { image: "seid:v1" }, status: { currentImage: "docker.io/library/seid:v1" } },
    ],
    [
      "a Pod of the revision that was seen, while the template is not observed yet",
      {
        status: { rolledOutPod: { name: "node-0", uid: "pod-1", revision: "v1" } },
        owned: { statefulSet: { ...aStatefulSet("v1"), generation: 2 }, pod: saying(MIRRORED) },
      },
    ],
    [
      "any Pod, while the template is not observed yet",
      { owned: { statefulSet: { ...aStatefulSet("v1"), generation: 2 }, pod: saying(MIRRORED) } },
    ],
    ["a Pod that was edited in place", { owned: { pod: saying({ seid: "seid:v9" }, { generation: 2 }) } }],
  ])("%s", (_title, scene) => {
    expect(drifts(scene)).toEqual([]);
  });
});

describe("is drift:", () => {
  test.each<[string, Scene, readonly string[]]>([
    ["another registry in the spec", { spec: { image: "other.example/seid:v1" } }, ["ImageChanged"]],
    ["a digest in the spec", { spec: { image: `seid:v1${DIGEST}` } }, ["ImageChanged"]],
    [
      "another digest in the spec",
      { spec: { image: `seid:v1${DIGEST}` }, status: { currentImage: `seid:v1${DIGEST.replaceAll("a", "b")}` } },
      ["ImageChanged"],
    ],
    [
      "a new image under a mirror of templates",
      {
        spec: { image: "seid:v2" },
        status: { applied: { ...applied, rewritten } },
        owned: { statefulSet: mirroredSet, pod: saying(MIRRORED) },
      },
      ["ImageChanged"],
    ],
    [
      "a Pod of an older revision that says another image",
      {
        status: { rolledOutPod: { name: "node-0", uid: "gone" } },
        owned: { pod: saying({ seid: "seid:v2" }, { revision: "v2" }) },
      },
      ["ImageChanged"],
    ],
    ["another sidecar", { owned: { sidecarImage: "sidecar:v2", pod: saying(MIRRORED) } }, ["SidecarImageChanged"]],
  ])("%s", (_title, scene, want) => {
    const seen = drifts(scene);
    expect(seen.filter((reason) => reason !== "WorkloadChanged")).toEqual([...want]);
  });
});

describe("is told:", () => {
  test.each<[string, Scene, string, string]>([
    ["nothing of a Pod that says what was applied", {}, "", "False/UpToDate"],
    [
      "what admission has a Pod say",
      { owned: { pod: saying(MIRRORED) } },
      "Pod node-0: sei-sidecar has mirror.local/sidecar:v1 where sidecar:v1 was applied, seid has mirror.local/seid:v1 where seid:v1 was applied: admission rewrote it",
      "False/UpToDate",
    ],
    [
      "the same of a Pod that was edited otherwise since",
      { owned: { pod: saying({ seid: "mirror.local/seid:v1" }, { generation: 3 }) } },
      "Pod node-0: seid has mirror.local/seid:v1 where seid:v1 was applied: admission rewrote it",
      "False/UpToDate",
    ],
    [
      "an image that somebody edited in place",
      { owned: { pod: saying({ seid: "seid:v9" }, { generation: 2 }) } },
      "Pod node-0: seid has seid:v9 where seid:v1 was applied: it was edited in place",
      "True/PodEdited",
    ],
    ["nothing of a Pod that goes", { owned: { pod: saying(MIRRORED, { deleting: true }) } }, "", "none"],
  ])("%s", (_title, scene, remark, condition) => {
    const input = inputOf(scene);
    expect(imageRemark(input.node, input.owned)).toBe(remark);
    const outdated = workload.conditions?.(input).find(({ type }) => type === "PodOutdated");
    expect(outdated === undefined ? "none" : `${outdated.status}/${outdated.reason}`).toBe(condition);
  });
});
