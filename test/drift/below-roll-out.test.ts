/** When a gate is opened although a roll-out backs off: docs/design/0003-image.md. */
import { describe, expect, test } from "bun:test";
import type { PlanRecord, OwnedObjects, WaitingDrift } from "../../src/model/index.ts";
import { sidecarReady } from "../../src/drift/sidecar-ready.ts";
import { incarnationOf } from "../../src/model/gate/index.ts";
import { aClaim, aPod, aRunningStatus, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const backsOff: readonly WaitingDrift[] = [{ detector: "image", why: "backOff" }];

interface Scene {
  readonly status?: Readonly<Record<string, unknown>>;
  readonly owned?: Partial<OwnedObjects>;
  readonly waiting?: readonly WaitingDrift[];
}

function opens({ status = {}, owned = {}, waiting = backsOff }: Scene): boolean {
  const stage = new Stage({ ...aRunningStatus(), rolledOutPod: seen("v1"), ...status });
  stage.raw.spec = { ...stage.raw.spec, image: "seid:v2" };
  const all: OwnedObjects = {
    pod: aPod("pod-2"),
    statefulSet: aStatefulSet("v1"),
    service: aService(),
    claim: aClaim("claim-1"),
    sidecarImage: "sidecar:v1",
    ...owned,
  };
  const incarnation = all.pod === null ? null : incarnationOf(all.pod);
  const observed = { health: { state: "notReady", history: { kind: "mayOpen" } }, incarnation } as const;
  return sidecarReady.detect({ node: stage.node(), owned: all, observed, now: stage.now, waiting }) !== null;
}

function seen(revision: string) {
  return { name: "node-0", uid: "pod-1", revision };
}

function ended(message: string, change: Partial<PlanRecord> = {}): PlanRecord {
  const at = "2026-01-01T00:00:00Z";
  const record = { id: "p", detector: "image", reason: "ImageChanged", outcome: "Failed", healed: false } as const;
  return { ...record, message, createdAt: at, finishedAt: at, ...change };
}

const REFUSED = ended("task observe-image: API_REFUSED: Pod node-0: no");
const never = aPod("pod-2", { revision: "v2" });
const waits = { ...never, containers: never.containers.map((one) => ({ ...one, state: "waiting" as const })) };

describe("it is opened", () => {
  test.each<[string, Scene]>([
    ["where nothing waits above", { waiting: [], owned: { statefulSet: aStatefulSet("v2") } }],
    [
      "below a roll-out that only waits for its place",
      { waiting: [{ detector: "sidecar-image", why: "place" }], owned: { statefulSet: aStatefulSet("v2") } },
    ],
    ["below anything else that backs off", { waiting: [{ detector: "other", why: "backOff" }], owned: { pod: never } }],
    ["in a Pod of the template that stands, of a revision that was seen", {}],
    ["below a sidecar's roll-out too", { waiting: [{ detector: "sidecar-image", why: "backOff" }] }],
    [
      "in the old Pod, whose deletion was refused",
      { owned: { statefulSet: aStatefulSet("v2") }, status: { history: [REFUSED] } },
    ],
    [
      "in the old Pod, while the Service is refused",
      {
        owned: { statefulSet: aStatefulSet("v2") },
        status: { history: [ended("task apply-service: FOREIGN_OBJECT: Service node: no")] },
      },
    ],
    [
      "in a Pod that runs what is wanted, while the Service is refused",
      {
        owned: { statefulSet: aStatefulSet("v2"), pod: never },
        status: {
          history: [ended("task apply-service: API_REFUSED: no")],
          applied: { generation: 1, statefulSet: "v2", service: "service" },
        },
      },
    ],
    [
      "in the very Pod that was seen, whose revision was not noted",
      { status: { rolledOutPod: { name: "node-0", uid: "pod-2" } } },
    ],
    [
      "in another one of the template whose image was seen, where its revision was not noted",
      { status: { rolledOutPod: { name: "node-0", uid: "gone" } } },
    ],
  ])("%s", (_title, scene) => {
    expect(opens(scene)).toBe(true);
  });
});

describe("it is left to the roll-out", () => {
  test.each<[string, Scene]>([
    ["in a Pod that the roll-out is to replace", { owned: { statefulSet: aStatefulSet("v2") } }],
    [
      "in one that it was to replace when time was up",
      {
        owned: { statefulSet: aStatefulSet("v2") },
        status: { history: [ended("task observe-image: DEADLINE_EXCEEDED: late")] },
      },
    ],
    ["in a Pod of an image that never started", { owned: { statefulSet: aStatefulSet("v2"), pod: waits } }],
    [
      "in a Pod of a template that somebody edited",
      {
        owned: {
          statefulSet: { ...aStatefulSet("v9"), ownedDigest: "other" },
          pod: aPod("pod-2", { revision: "v9" }),
        },
      },
    ],
    ["while the template is not observed", { owned: { statefulSet: { ...aStatefulSet("v1"), generation: 2 } } }],
    ["in a Pod that does not say its revision", { owned: { pod: aPod("pod-2", { revision: null }) } }],
    ["where nothing was ever seen", { status: { rolledOutPod: undefined, currentImage: undefined } }],
    [
      "of a refusal that is over, since a later plan got further",
      {
        owned: { statefulSet: aStatefulSet("v2") },
        status: { history: [REFUSED, ended("task observe-image: DEADLINE_EXCEEDED: late")] },
      },
    ],
  ])("%s", (_title, scene) => {
    expect(opens(scene)).toBe(false);
  });
});
