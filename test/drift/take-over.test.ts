/** Nodes of another manager's: when they become ours, and when a person is asked first. */
import { describe, expect, test } from "bun:test";
import type { ContainerView, NodeStatus, PodView, OwnedObjects } from "../../src/model/index.ts";
import { image } from "../../src/drift/image.ts";
import { sidecarImage } from "../../src/drift/sidecar-image.ts";
import { workload } from "../../src/drift/workload.ts";
import { aClaim, aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const LEFT = { ...aStatefulSet("v1"), isOnDelete: false, isOfReference: true, ownedDigest: null };
const owned: OwnedObjects = {
  pod: aPod("pod-1"),
  statefulSet: LEFT,
  service: { ...aService(), isOfReference: true, ownedDigest: null },
  claim: aClaim("claim-1"),
  sidecarImage: "sidecar:v1",
};

interface Scene {
  readonly status?: Partial<NodeStatus>;
  readonly spec?: Readonly<Record<string, string>>;
  readonly owned?: Partial<OwnedObjects>;
  readonly consent?: string;
}

/** As the reference leaves a node that it rolled once. */
function inputOf({ status = {}, spec = {}, owned: change = {}, consent }: Scene) {
  const stage = new Stage({ phase: "Running", currentImage: "seid:v1", ...status });
  stage.raw.spec = { ...stage.raw.spec, ...spec };
  if (consent !== undefined) stage.annotate({ "tidekeeper.sei.io/take-over": consent });
  return { node: stage.node(), owned: { ...owned, ...change }, observed: null, now: stage.now };
}

function said(scene: Scene) {
  const input = inputOf(scene);
  return {
    image: image.detect(input)?.reason ?? null,
    sidecar: sidecarImage.detect(input)?.reason ?? null,
    workload: workload.detect(input)?.tasks.map(({ type }) => type) ?? null,
    condition: image.conditions?.(input)?.map(({ status, reason }) => `${status}/${reason}`) ?? [],
  };
}

/** The Pod with one container otherwise. */
function podWith(name: string, change: Partial<ContainerView>, pod: Partial<PodView> = {}): PodView {
  const { containers, ...rest } = aPod("pod-1", pod);
  return { ...rest, containers: containers.map((one) => (one.name === name ? { ...one, ...change } : one)) };
}

const APPLY = ["apply-statefulset", "apply-service"];
const LOOK_AND_APPLY = ["observe-image", ...APPLY];
const WAITS = { image: null, sidecar: null, workload: null, condition: ["False/ConsentNeeded"] };
const applied = { generation: 1, statefulSet: "v1", service: "service" };
const unseen = { currentImage: "" };

describe("is taken over without a word", () => {
  test.each<[string, Scene, readonly string[]]>([
    ["all agrees", {}, LOOK_AND_APPLY],
    [
      "its set was scaled to nothing: no Pod would come to be observed",
      { owned: { statefulSet: { ...LEFT, replicas: 0 }, pod: null } },
      APPLY,
    ],
    ["nothing was ever stamped, and all agrees: it is not rolled", { status: unseen }, LOOK_AND_APPLY],
    ["another was stamped than all ask for", { status: { currentImage: "seid:v0" } }, LOOK_AND_APPLY],
    ["half of it is ours already", { status: { applied: { generation: 1, service: "service" } } }, LOOK_AND_APPLY],
    ["it was ours before, and went back", { status: { applied } }, LOOK_AND_APPLY],
    [
      "its Pod does not run now: what was stamped is enough",
      { owned: { pod: podWith("seid", { state: "waiting" }) } },
      APPLY,
    ],
    ["there is no Pod", { owned: { pod: null } }, APPLY],
    [
      "admission has its Pod ask for a mirror's image",
      { owned: { pod: podWith("seid", { image: "mirror.local/seid:v1" }) } },
      LOOK_AND_APPLY,
    ],
    [
      "its Pod is of an older revision of the template",
      { owned: { pod: aPod("pod-1", { revision: "v0" }) } },
      LOOK_AND_APPLY,
    ],
    [
      "nothing was stamped and its Pod does not run: that is waited for",
      { status: unseen, owned: { pod: podWith("seid", { state: "waiting" }) } },
      LOOK_AND_APPLY,
    ],
    [
      "the Pod of another image is going",
      { owned: { pod: podWith("seid", { image: "seid:v0" }, { deleting: true }) } },
      APPLY,
    ],
    [
      "the sidecar is not the platform's: it was never seen, so it is left as it is",
      { owned: { sidecarImage: "sidecar:v2" } },
      LOOK_AND_APPLY,
    ],
  ])("when %s", (_title, scene, tasks) => {
    expect(said(scene)).toEqual({ image: null, sidecar: null, workload: [...tasks], condition: [] });
  });
});

const waiting: readonly (readonly [string, Scene, string])[] = [
  [
    "it was ours before, went back, and was edited",
    { spec: { image: "seid:v2" }, status: { applied } },
    "spec.image is seid:v2, found seid:v1",
  ],
  ["the spec was edited while nobody ran", { spec: { image: "seid:v2" } }, "spec.image is seid:v2, found seid:v1"],
  [
    "the reference stamped an image that it never rolled out",
    { spec: { image: "seid:v2" }, status: { currentImage: "seid:v2" } },
    "spec.image is seid:v2, found seid:v1",
  ],
  [
    "the Pod alone asks for another, as one that was edited in place does",
    { owned: { pod: podWith("seid", { image: "seid:v0" }, { generation: 2 }) } },
    "spec.image is seid:v1, found seid:v0",
  ],
  [
    "the template alone asks for another",
    { owned: { statefulSet: { ...LEFT, templateImage: "seid:v0" } } },
    "spec.image is seid:v1, found seid:v0",
  ],
  [
    "nothing was stamped and the Pod asks for another",
    { status: unseen, owned: { pod: podWith("seid", { image: "seid:v0" }, { revision: "v0" }) } },
    "spec.image is seid:v1, found seid:v0",
  ],
  [
    "a sidecar was seen that is not the one that is wanted",
    { status: { currentSidecarImage: "sidecar:v1" }, owned: { sidecarImage: "sidecar:v2" } },
    "the sidecar's image is sidecar:v2, found sidecar:v1",
  ],
];

describe("a person is asked first", () => {
  test.each(waiting)("when %s", (_title, scene, what) => {
    expect(said(scene)).toEqual(WAITS);
    const input = inputOf(scene);
    for (const detector of [image, workload]) {
      const told = detector.conditions?.(input).filter(({ type }) => type === "TakeOver");
      expect(told?.map(({ message }) => message)).toEqual([
        `to take the node over would replace its Pod: ${what}. Consent by annotation tidekeeper.sei.io/take-over, or set it back`,
      ]);
    }
  });

  test.each(waiting)("and once they consent, it is rolled as any other: when %s", (_title, scene) => {
    const { image: seid, sidecar, condition } = said({ ...scene, consent: "yes, tonight" });
    expect(seid ?? sidecar).toBe(seid === null ? "SidecarImageChanged" : "ImageChanged");
    expect(condition).toEqual([]);
  });

  test("a word that says nothing is no consent", () => {
    expect(said({ spec: { image: "seid:v2" }, consent: "" })).toEqual(WAITS);
  });
});

test("a node of ours is rolled without being asked about", () => {
  const ours = { ...owned, statefulSet: aStatefulSet("v1"), service: aService() };
  expect(said({ status: { applied }, spec: { image: "seid:v2" }, owned: ours })).toMatchObject({
    image: "ImageChanged",
    condition: ["True/TakenOver"],
  });
});

test("where there is no StatefulSet there is no Pod to ask for", () => {
  expect(said({ spec: { image: "seid:v2" }, owned: { statefulSet: null, pod: null } })).toMatchObject({
    image: "ImageChanged",
    condition: [],
  });
});

test("a workflow that owns the node holds the take-over too", () => {
  expect(said({ status: { adoptedWorkflow: { name: "restore" } } }).workload).toBeNull();
});

test("that a node is taken over is not worth its first write", () => {
  const said = workload.conditions?.(inputOf({ status: { applied }, owned: { statefulSet: aStatefulSet("v1") } }));
  expect(said?.find(({ type }) => type === "TakeOver")).toMatchObject({
    type: "TakeOver",
    status: "True",
    reason: "TakenOver",
    quiet: true,
  });
});

test("a node that the reference's plan brought to its end is observed, and not rolled", () => {
  const ours = { ...owned, statefulSet: aStatefulSet("v1"), service: aService() };
  expect(said({ status: { ...unseen, applied }, owned: ours })).toMatchObject({
    image: null,
    workload: ["observe-image"],
  });
  const edited = { ...ours, service: null };
  expect(said({ status: { ...unseen, applied }, owned: edited }).workload).toEqual(APPLY);
});

test("its plan lapses when the image is edited under way", () => {
  expect(workload.detect(inputOf({}))).toMatchObject({
    reason: "TakeOver",
    madeFrom: { "spec.image": "seid:v1" },
    targetPhase: "Running",
  });
});
