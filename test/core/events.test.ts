/** Which Events follow from what was committed. */
import { describe, expect, test } from "bun:test";
import {
  detectorFailed,
  gateHeld,
  phaseChanged,
  planFailed,
  readinessChanged,
  recentEvents,
} from "../../src/core/events.ts";
import type { Condition, NodeStatus } from "../../src/core/node.ts";
import type { NodeEvent } from "../../src/core/ports.ts";
import type { PlanRecord } from "../../src/core/plan.ts";

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
  ["a loss", readinessChanged([lost])[0], ["Warning", "SidecarReadinessLost", `SidecarReady/NotReady/${at}`]],
  [
    "a restoration",
    readinessChanged([lost, { to: "Ready", at }])[0],
    ["Normal", "SidecarReadinessRestored", `SidecarReady/Ready/${at}`],
  ],
  ["a phase", phaseChanged("Running", at), ["Normal", "PhaseTransition", `Phase/Running/${at}`]],
  ["a failed plan", planFailed(failed), ["Warning", "PlanFailed", "Plan/x/Failed"]],
  [
    "a gate that nobody knows of",
    gateHeld({}, { conditions: [held] })[0],
    ["Warning", "GateHistoryUnknown", `HeldByWorkflow/GateHistoryUnknown/${at}`],
  ],
  ["a failing detector", detectorFailed(failing)[0], ["Warning", "DetectorFailed", `DetectorFailed/${at}`]],
])("%s is named by its transition", (_title, event, want) => {
  expect([event?.type ?? "", event?.reason ?? "", event?.transition ?? ""]).toEqual([...want]);
});

const since =
  (then: number) =>
  (stamp: string): number =>
    then - Date.parse(stamp);

test("a gate that nobody knows of is told of when that begins, and another hold is not", () => {
  expect(gateHeld({ conditions: [held] }, { conditions: [{ ...held, message: "other" }] })).toEqual([]);
  expect(gateHeld({ conditions: [{ ...held, status: "False" }] }, { conditions: [held] })).toHaveLength(1);
  const onPurpose = { ...held, status: "True", reason: "GateShutOnPurpose" } as const;
  expect(gateHeld({ conditions: [held] }, { conditions: [onPurpose] })).toEqual([]);
  expect(recentEvents({ conditions: [held] }, since(now)).map(({ reason }) => reason)).toEqual(["GateHistoryUnknown"]);
  expect(recentEvents({ conditions: [held] }, since(now + 3_600_000))).toEqual([]);
});

test("a first sight of an open gate, and detectors that work, deserve none", () => {
  expect(readinessChanged([{ to: "Ready", at }])).toEqual([]);
  expect(readinessChanged([])).toEqual([]);
  expect(detectorFailed({ ...failing, status: "False" })).toEqual([]);
});

test.each([
  ["Initializing", "Phase changed from none to Initializing"],
  ["Running", "Phase changed from Initializing to Running"],
  ["Failed", "Phase changed from Initializing to Failed"],
  ["Terminating", "Phase changed from another to Terminating"],
] as const)("who did not see the change to %s still tells it", (to, note) => {
  expect(phaseChanged(to, at).note).toBe(note);
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
    expect(recentEvents(status, since(now + 60_000)).map(({ transition }) => transition)).toEqual([
      `Phase/Running/${at}`,
      "Plan/x/Failed",
      `DetectorFailed/${at}`,
      `SidecarReady/NotReady/${at}`,
      `SidecarReady/Ready/${at}`,
    ]);
  });

  test("what is older than 10 min is not, nor what has no time", () => {
    expect(recentEvents(status, since(now + 600_000))).toEqual([]);
    expect(recentEvents({ ...status, phaseTransitionTime: "soon", history: [] }, since(now))).toHaveLength(3);
    expect(recentEvents({ phase: "Running" }, since(now))).toEqual([]);
  });
});
