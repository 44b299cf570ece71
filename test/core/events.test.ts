/** Which Events follow from what was committed. */
import { describe, expect, test } from "bun:test";
import type { Condition, NodeStatus, PlanRecord, StoredPlan, OwnedObjects } from "../../src/model/index.ts";
import {
  deletionEvent,
  detectorFailureEvents,
  phaseChangeEvent,
  planFailureEvent,
  readinessChangeEvent,
  recentEvents,
  stateChangeEvents,
} from "../../src/core/events.ts";
import { READINESS } from "../fixtures/readiness.ts";
import type { NodeEvent } from "../../src/core/ports.ts";
import { aClaim, aPod, aService, aStatefulSet } from "../fixtures/stage.ts";

const at = "2026-01-01T00:00:00.000Z";
const now = Date.parse(at);
const lost = { to: "NotReady", at } as const;
const failing: Condition = {
  type: "DetectorFailed",
  status: "True",
  reason: "DetectorFailed",
  message: "mine: boom",
  lastTransitionTime: at,
  observedGeneration: 1,
};
const held: Condition = { ...failing, type: "HeldByWorkflow", status: "Unknown", reason: "GateHistoryUnknown" };
const notReady: Condition = { ...held, type: "Ready", status: "False" };
const failed: PlanRecord = {
  id: "x",
  detector: "a",
  reason: "R",
  outcome: "Failed",
  healed: false,
  createdAt: at,
  finishedAt: at,
  message: "no",
};

test.each<[string, NodeEvent | undefined, readonly string[]]>([
  [
    "a loss",
    readinessChangeEvent([lost], READINESS)[0],
    ["Warning", "SidecarReadinessLost", `SidecarReady/NotReady/${at}`],
  ],
  [
    "a restoration",
    readinessChangeEvent([lost, { to: "Ready", at }], READINESS)[0],
    ["Normal", "SidecarReadinessRestored", `SidecarReady/Ready/${at}`],
  ],
  ["a phase", phaseChangeEvent("Running", at), ["Normal", "PhaseTransition", `Phase/Running/${at}`]],
  ["a failed plan", planFailureEvent(failed), ["Warning", "PlanFailed", "Plan/x/Failed"]],
  [
    "a gate that nobody knows of",
    stateChangeEvents({}, { conditions: [held, notReady] })[0],
    ["Warning", "GateHistoryUnknown", `HeldByWorkflow/GateHistoryUnknown/${at}`],
  ],
  ["a failing detector", detectorFailureEvents(failing)[0], ["Warning", "DetectorFailed", `DetectorFailed/${at}`]],
])("%s is named by its transition", (_title, event, want) => {
  expect([event?.type ?? "", event?.reason ?? "", event?.transition ?? ""]).toEqual([...want]);
});

const since =
  (then: number) =>
  (stamp: string): number =>
    then - Date.parse(stamp);

test("a state that wants a person is told of when it begins, and again after a restart", () => {
  const status: NodeStatus = { conditions: [held, notReady] };
  expect(stateChangeEvents(status, { conditions: [{ ...held, message: "other" }, notReady] })).toEqual([]);
  expect(stateChangeEvents({ conditions: [{ ...held, status: "False" }] }, status)).toHaveLength(1);
  expect(stateChangeEvents(status, { conditions: [] })).toEqual([]);
  expect(recentEvents(status, since(now), READINESS).map(({ reason }) => reason)).toEqual(["GateHistoryUnknown"]);
  expect(recentEvents(status, since(now + 3_600_000), READINESS)).toEqual([]);
});

test("a pause and its end are told", () => {
  const paused: Condition = { ...failing, type: "Paused", reason: "Paused", message: "spec.paused is set" };
  const during: NodeStatus = { conditions: [paused, { ...notReady, reason: "Paused" }] };
  const over: NodeStatus = { conditions: [{ ...paused, status: "False", reason: "NotPaused", message: "" }] };
  const said = [
    stateChangeEvents({}, during),
    stateChangeEvents(during, over),
    recentEvents(over, since(now), READINESS),
  ].flat();
  expect(said.map(({ type, reason, transition }) => [type, reason, transition])).toEqual([
    ["Normal", "Paused", `Paused/Paused/${at}`],
    ["Normal", "Resumed", `Paused/False/${at}`],
    ["Normal", "Resumed", `Paused/False/${at}`],
  ]);
});

test("a roll-out names both images at its start and at its end", () => {
  const update: Condition = { ...failing, type: "NodeUpdateInProgress", reason: "UpdateStarted", message: "plan x" };
  const plan: StoredPlan = { id: "x", phase: "Active", tasks: [], message: "image from v1 to v2" };
  const during: NodeStatus = { conditions: [update], plan };
  const over = (reason: string): NodeStatus => ({
    conditions: [{ ...update, status: "False", reason, message: "plan x: image from v1 to v2" }],
  });
  const ends = ["UpdateComplete", "UpdateSuperseded", "UpdateFailed"].map((reason) =>
    stateChangeEvents(during, over(reason)),
  );
  expect([stateChangeEvents({}, during), ...ends].map((said) => said.map(({ note }) => note))).toEqual([
    ["Roll-out started: image from v1 to v2"],
    ["Roll-out complete: image from v1 to v2"],
    ["Roll-out given up for another: image from v1 to v2"],
    [],
  ]);
  expect(recentEvents(over("UpdateComplete"), since(now), READINESS).map(({ reason }) => reason)).toEqual([
    "UpdateComplete",
  ]);
  expect(planFailureEvent(failed, "image from v1 to v2").note).toBe("R (image from v1 to v2): no");
});

test.each<[string, Partial<OwnedObjects>, boolean, readonly string[]]>([
  [
    "its data goes first",
    {},
    false,
    ["Warning", "TearingDown", "Goes: claim data-node with its data, StatefulSet node, Pod node-0, Service node"],
  ],
  [
    "an imported claim stays",
    { claim: { ...aClaim("c"), ownerUid: null } },
    false,
    [
      "Normal",
      "TearingDown",
      "Goes: StatefulSet node, Pod node-0, Service node. Stays: claim data-node with its data, which the node does not own",
    ],
  ],
  [
    "nothing of it stands",
    { claim: null, statefulSet: null, service: null, pod: null },
    false,
    ["Normal", "TearingDown", "Goes: nothing"],
  ],
  [
    "it leaves all behind",
    {},
    true,
    ["Normal", "LeftBehind", "Stays: claim data-node with its data, StatefulSet node, Pod node-0, Service node"],
  ],
])("a deletion names what goes: %s", (_title, change, isOrphaning, want) => {
  const owned: OwnedObjects = {
    claim: aClaim("c"),
    statefulSet: aStatefulSet("v1"),
    service: aService(),
    pod: aPod("p"),
    sidecarImage: null,
    ...change,
  };
  const { type, reason, note, transition } = deletionEvent(owned, { uid: "node-uid", at, isOrphaning });
  expect([type, reason, note]).toEqual([...want]);
  expect(transition).toBe(`Deletion/${isOrphaning ? "Orphan" : "TearDown"}/${at}`);
});

test("a first sight of an open gate, and detectors that work, deserve none", () => {
  expect(readinessChangeEvent([{ to: "Ready", at }], READINESS)).toEqual([]);
  expect(readinessChangeEvent([], READINESS)).toEqual([]);
  expect(detectorFailureEvents({ ...failing, status: "False" })).toEqual([]);
});

test.each([
  ["Initializing", "Phase changed from none to Initializing"],
  ["Running", "Phase changed from Initializing to Running"],
  ["Failed", "Phase changed from Initializing to Failed"],
  ["Terminating", "Phase changed from another to Terminating"],
] as const)("who did not see the change to %s still tells it", (to, note) => {
  expect(phaseChangeEvent(to, at).note).toBe(note);
});

describe("after a restart", () => {
  const status: NodeStatus = {
    phase: "Running",
    phaseTransitionTime: at,
    conditions: [failing],
    history: [failed, { ...failed, id: "y", outcome: "Complete" }],
    readinessTransitions: [lost, { to: "Ready", at }],
  };

  test("all that status tells of is told again, under the names it had", () => {
    expect(recentEvents(status, since(now + 60_000), READINESS).map(({ transition }) => transition)).toEqual([
      `Phase/Running/${at}`,
      "Plan/x/Failed",
      `DetectorFailed/${at}`,
      `SidecarReady/NotReady/${at}`,
      `SidecarReady/Ready/${at}`,
    ]);
  });

  test("what is older than 10 min is not, nor what has no time", () => {
    expect(recentEvents(status, since(now + 600_000), READINESS)).toEqual([]);
    expect(recentEvents({ ...status, phaseTransitionTime: "soon", history: [] }, since(now), READINESS)).toHaveLength(
      3,
    );
    expect(recentEvents({ phase: "Running" }, since(now), READINESS)).toEqual([]);
  });
});
