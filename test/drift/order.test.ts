/** The composed order is a promise: which drift wins when several could. */
import { expect, test } from "bun:test";
import type { GateHistory, RegisteredDetector, OwnedObjects } from "../../src/model/index.ts";
import { judge } from "../../src/core/index.ts";
import { builtinDetectors } from "../../src/drift/index.ts";
import type { SidecarSeen } from "../../src/drift/sidecar-ready.ts";
import { incarnationOf } from "../../src/model/gate/index.ts";
import { aClaim, aPod, aRunningStatus, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const pod = aPod("pod-1");
const settled: OwnedObjects = {
  pod,
  statefulSet: aStatefulSet("v1"),
  service: aService(),
  claim: aClaim("claim-1"),
  sidecarImage: "sidecar:v1",
};
const applied = { generation: 1, statefulSet: "v1", service: "service" };
const incarnation = incarnationOf(pod);
const shut: SidecarSeen = { health: { state: "notReady", history: { kind: "mayOpen" } }, incarnation };
const shutBy = (history: GateHistory): SidecarSeen => ({ health: { state: "notReady", history }, incarnation });
const list: readonly RegisteredDetector[] = builtinDetectors.map((detector) => ({
  detector,
  mode: "act",
  origin: "builtin",
  onFailure: "hold",
  deadlineMs: 1000,
  guard: { observed: () => null, drift: () => null, conditions: () => null },
}));

interface Scene {
  readonly image?: string;
  readonly status?: object;
  readonly owned?: Partial<OwnedObjects>;
  readonly seen?: SidecarSeen;
  /** The sidecar could not be observed. */
  readonly failure?: string;
  /** Budgets have a place; true unless said otherwise. */
  readonly hasPlace?: boolean;
}

/** The reason of the drift that wins; null when there is none. */
function winner(scene: Scene): string | null {
  const { image = "seid:v1", status = {}, owned = {}, seen = open, failure, hasPlace = true } = scene;
  const stage = new Stage({ ...aRunningStatus(), applied, ...status });
  stage.raw.spec = { ...stage.raw.spec, image };
  const verdicts = judge(list, {
    inputFor: (name) => ({
      node: stage.node(),
      owned: { ...settled, ...owned },
      observed: name === "sidecar-ready" ? seen : null,
      now: stage.now,
    }),
    failureOf: (name) => (name === "sidecar-ready" ? (failure ?? null) : null),
    waitOf: ({ budget }) => (budget === undefined || hasPlace ? null : "place"),
  });
  return verdicts.find(({ drift, waits }) => drift !== null && waits === null)?.drift?.reason ?? null;
}

const open: SidecarSeen = { ...shut, health: { state: "ready" } };
const cause = "no answer";
const otherSidecar = { status: { currentSidecarImage: "sidecar:v1" }, owned: { sidecarImage: "sidecar:v2" } };

test.each<[string, Scene, string | null]>([
  ["a settled node has no drift", {}, null],
  ["a probe that got no answer is not drift", { seen: { ...shut, health: { state: "unreachable", cause } } }, null],
  ["a probe with an odd answer is not drift", { seen: { ...shut, health: { state: "probeError", cause } } }, null],
  ["a shut gate is drift", { seen: shut }, "SidecarNotReady"],
  ["a lost Service is drift", { owned: { service: null } }, "WorkloadChanged"],
  ["the image wins over the gate", { image: "seid:v2", seen: shut }, "ImageChanged"],
  ["the image wins over the workload", { image: "seid:v2", owned: { service: null } }, "ImageChanged"],
  ["the image wins over the sidecar's", { image: "seid:v2", ...otherSidecar }, "ImageChanged"],
  ["the sidecar's image wins over the gate", { ...otherSidecar, seen: shut }, "SidecarImageChanged"],
  [
    "a sidecar's image that waits for its place keeps no gate back",
    { ...otherSidecar, seen: shut, hasPlace: false },
    "SidecarNotReady",
  ],
  ["the gate goes before the workload", { seen: shut, owned: { service: null } }, "SidecarNotReady"],
  [
    "a sidecar that cannot be observed does not keep an image back",
    { image: "seid:v2", failure: cause },
    "ImageChanged",
  ],
  ["a sidecar that cannot be observed keeps the workload back", { owned: { service: null }, failure: cause }, null],
  [
    "a gate that is shut on purpose does not keep the workload back",
    { seen: shutBy({ kind: "shutOnPurpose" }), owned: { service: null } },
    "WorkloadChanged",
  ],
  [
    "nor does one of which nobody knows that",
    { seen: shutBy({ kind: "unknown", why: "no readable time" }), owned: { service: null } },
    "WorkloadChanged",
  ],
  [
    "a node that a workflow adopted has none",
    { image: "seid:v2", seen: shut, owned: { service: null }, status: { adoptedWorkflow: { name: "restore" } } },
    null,
  ],
])("%s", (_title, scene, reason) => {
  expect(winner(scene)).toBe(reason);
});
