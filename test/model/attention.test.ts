/** One mechanism for every state that wants a person: the reason of `Ready`, and from it Event, log and gauge. */
import { describe, expect, test } from "bun:test";
import { attentionOf } from "../../src/model/attention.ts";
import {
  ATTENTION_REASONS,
  type AttentionReason,
  attentionState,
  type AttentionState,
} from "../../src/model/attention-states.ts";
import { CONDITION_REASONS, EVENT_REASONS } from "../../src/model/reasons.ts";
import { READINESS } from "../fixtures/readiness.ts";
import { stateChangeEvents, summarise } from "../../src/core/index.ts";
import type { Condition, NodeStatus } from "../../src/model/node.ts";
import type { PlanRecord, StoredPlan } from "../../src/model/plan.ts";
import { StatusDraft } from "../../src/model/status.ts";
import { aRunningStatus, Stage } from "../fixtures/stage.ts";

const at = "2026-01-01T00:00:00.000Z";

function set(type: string, said: string): Condition {
  const [status = "", reason = ""] = said.split("/");
  const known = (["True", "False", "Unknown"] as const).find((one) => one === status) ?? "Unknown";
  return { type, status: known, reason, message: `${type} says`, lastTransitionTime: at, observedGeneration: 1 };
}

const OPEN = set("SidecarReady", "True/Ready");
const SHUT = set("SidecarReady", "False/NotReady");
const record = (change: Partial<PlanRecord>): PlanRecord => ({
  id: "00000000",
  detector: "image",
  reason: "ImageChanged",
  outcome: "Failed",
  healed: false,
  createdAt: at,
  finishedAt: at,
  message: "task observe-image: DEADLINE_EXCEEDED",
  generation: 1,
  ...change,
});

/** A Running node's status after its summary, with these conditions and plans. */
function summed(conditions: readonly Condition[], more: NodeStatus = {}): NodeStatus {
  const draft = new StatusDraft({ ...new Stage().node(), status: { phase: "Running", conditions, ...more } }, at);
  summarise(draft, null, { readiness: READINESS });
  return draft.status;
}

function said({ conditions = [] }: NodeStatus, type = "Ready"): string {
  const found = conditions.find((one) => one.type === type);
  return `${found?.status}/${found?.reason}`;
}

test.each(ATTENTION_REASONS)(
  "%s is a reason of a condition, says what to do, and has an Event of its name",
  (reason) => {
    const { event, remedy, sources }: AttentionState = attentionState(reason);
    expect(Object.keys(CONDITION_REASONS)).toContain(reason);
    expect(Object.keys(EVENT_REASONS).includes(reason)).toBe(event !== null);
    expect(remedy).toEndWith(".");
    // One that has an Event of its own is told by `Ready` itself.
    expect(sources.length > 0).toBe(event !== "own");
  },
);

test.each<[string, readonly Condition[], NodeStatus, string]>([
  ["a healthy node", [OPEN], {}, "True/Ready"],
  ["a gate that is being healed", [SHUT], {}, "False/NotReady"],
  ["a sidecar that does not answer", [set("SidecarReady", "Unknown/Unreachable")], {}, "Unknown/Unreachable"],
  ["something in its place", [set("SidecarReady", "Unknown/ProbeError")], {}, "Unknown/ProbeError"],
  ["one that is not asked since its pause", [set("SidecarReady", "Unknown/Paused")], {}, "Unknown/Progressing"],
  ["a gate shut on purpose", [SHUT, set("HeldByWorkflow", "True/GateShutOnPurpose")], {}, "False/GateShutOnPurpose"],
  [
    "one that is not known to be meant",
    [SHUT, set("HeldByWorkflow", "Unknown/GateHistoryUnknown")],
    {},
    "False/GateHistoryUnknown",
  ],
  ["a workflow at a shut gate", [SHUT, set("HeldByWorkflow", "True/AdoptedWorkflow")], {}, "False/AdoptedWorkflow"],
  [
    "a workflow at an open gate",
    [OPEN, set("HeldByWorkflow", "True/WorkflowInProgress")],
    {},
    "True/WorkflowInProgress",
  ],
  [
    "a gate that init must not open",
    [set("HeldByWorkflow", "Unknown/GateHistoryUnknown")],
    { phase: "Initializing" },
    "False/GateHistoryUnknown",
  ],
  ["a hold that is over", [OPEN, set("HeldByWorkflow", "False/NotHeld")], {}, "True/Ready"],
  ["a take-over that asks first", [OPEN, set("TakeOver", "False/ConsentNeeded")], {}, "False/ConsentNeeded"],
  ["one that was done", [OPEN, set("TakeOver", "True/TakenOver")], {}, "True/Ready"],
  ["a paused node", [SHUT, set("Paused", "True/Paused")], {}, "False/Paused"],
  [
    "a roll-out that failed",
    [OPEN, set("Drift", "True/ImageChanged")],
    { history: [record({})] },
    "False/UpdateFailed",
  ],
  [
    "one of the sidecar's image",
    [OPEN, set("Drift", "True/SidecarImageChanged")],
    { history: [record({ detector: "sidecar-image", reason: "SidecarImageChanged" })] },
    "True/UpdateFailed",
  ],
  [
    "objects that cannot be put back",
    [OPEN, set("Drift", "True/WorkloadChanged")],
    { history: [record({ detector: "workload", reason: "WorkloadChanged" })] },
    "True/BackingOff",
  ],
  [
    "a plan that failed, and whose drift is gone",
    [OPEN, set("Drift", "False/NoDrift")],
    { history: [record({})] },
    "True/Ready",
  ],
  [
    "a plan that failed for an earlier spec",
    [OPEN, set("Drift", "True/ImageChanged")],
    { history: [record({ generation: 0 })] },
    "True/Ready",
  ],
  [
    "a gate that was opened once and is not seen open yet",
    [SHUT, set("Drift", "True/SidecarNotReady")],
    { history: [record({ detector: "sidecar-ready", reason: "SidecarNotReady", outcome: "Complete" })] },
    "False/NotReady",
  ],
  [
    "one that was opened three times in vain",
    [SHUT, set("Drift", "True/SidecarNotReady")],
    {
      history: [1, 2, 3].map(() =>
        record({ detector: "sidecar-ready", reason: "SidecarNotReady", outcome: "Complete" }),
      ),
    },
    "False/BackingOff",
  ],
  [
    "a plan that was superseded",
    [OPEN, set("Drift", "True/ImageChanged")],
    { history: [record({ outcome: "Superseded" })] },
    "True/Ready",
  ],
])("%s: Ready is %s", (_title, conditions, more, want) => {
  expect(said(summed(conditions, more))).toBe(want);
});

test("the time of the next try stands in Ready, the same at each reconcile, and what failed in the Event", () => {
  const drift = set("Drift", "True/WorkloadChanged");
  const failed = record({ detector: "workload", reason: "WorkloadChanged", message: "task apply-service: no" });
  const status = summed([OPEN, drift], { history: [failed] });
  const wanted = attentionOf(status);
  expect(wanted?.why).toBe(
    "the last plan for WorkloadChanged came to nothing; the next try comes at 2026-01-01T00:00:10Z: task apply-service: no",
  );
  expect(attentionOf(summed(status.conditions ?? [], { history: [failed] }))).toEqual(wanted);
});

test("it lasts while the plan is tried again, as one", () => {
  const drift = set("Drift", "True/ImageChanged");
  const plan: StoredPlan = { id: "p", phase: "Active", detector: "image", tasks: [] };
  const [before, during] = [
    summed([OPEN, drift], { history: [record({})] }),
    summed([OPEN, drift], { history: [record({})], plan }),
  ];
  const after = summed([OPEN, drift], {
    history: [record({}), record({ id: "1", finishedAt: "2026-01-01T00:20:00.000Z" })],
  });
  expect(attentionOf(during)?.why).toContain("it is tried again");
  expect(attentionOf(after)?.why).toContain("2026-01-01T00:20:");
  expect([before, during, after].map((status) => attentionOf(status)?.transition)).toEqual(
    [1, 2, 3].map(() => `UpdateFailed/ImageChanged/${at}/1`),
  );
  expect([stateChangeEvents(before, during), stateChangeEvents(during, after)]).toEqual([[], []]);
});

test("a dead watch is the reason of Ready, and no node has an Event for it", () => {
  const draft = new StatusDraft({ ...new Stage().node(), status: { phase: "Running", conditions: [OPEN] } }, at);
  summarise(draft, null, { readiness: READINESS, ahead: { silent: "the watch of pods is silent" } });
  expect(said(draft.status)).toBe("Unknown/WatchSilent");
  expect(attentionOf(draft.status)?.why).toBe("the watch of pods is silent");
  expect(stateChangeEvents({}, draft.status)).toEqual([]);
});

describe("on its way through the loop", () => {
  const CASES: readonly (readonly [AttentionReason, (stage: Stage) => void, (stage: Stage) => void])[] = [
    ["Paused", (stage) => stage.edit({ paused: true }), (stage) => stage.edit({ paused: false })],
    ["UnsupportedSpec", (stage) => stage.edit({ seed: {} }), (stage) => stage.edit({ seed: undefined })],
    [
      "DataVolumeLost",
      (stage) => void (stage.claim = null),
      (stage) => {
        stage.claim = { ...stage.claim, ...CLAIM };
      },
    ],
    [
      "AdoptedWorkflow",
      (stage) => void (stage.raw.status["adoptedWorkflow"] = { name: "w" }),
      (stage) => void delete stage.raw.status["adoptedWorkflow"],
    ],
  ];
  const CLAIM = new Stage().claim ?? neverMissing();

  test.each(CASES)("%s: one Event and one line when it begins, one line when it ends", async (reason, begin, end) => {
    const stage = new Stage();
    await stage.settle();
    stage.events = [];
    begin(stage);
    for (let poll = 0; poll < 5; poll += 1) {
      await stage.reconcile();
      stage.now += 10_000;
    }
    expect(stage.condition("Ready")).toEndWith(`/${reason}`);
    expect(told(stage, reason)).toBe(1);
    expect(stage.wantedFor).toEqual([reason]);
    end(stage);
    stage.statefulSet = stage.statefulSet === null ? null : { ...stage.statefulSet, replicas: 1 };
    for (let poll = 0; poll < 5; poll += 1) {
      await stage.reconcile();
      stage.now += 10_000;
    }
    expect(stage.condition("Ready")).toBe("True/Ready");
    expect(stage.wantedFor).toEqual([reason, `no longer ${reason}`]);
    expect(told(stage, reason)).toBe(1);
  });

  test("a state whose patch was stored and whose reply was lost is told of all the same", async () => {
    const stage = new Stage();
    await stage.settle();
    stage.events = [];
    stage.claim = null;
    stage.patchReplies = ["lostStored"];
    await stage.settle();
    await stage.settle();
    expect(stage.events.map(({ reason }) => reason)).toEqual(["DataVolumeLost"]);
    expect(stage.wantedFor).toEqual(["DataVolumeLost"]);
  });

  test.each([
    [60_000, ["DataVolumeLost"]],
    [3_600_000, []],
  ])("another process tells of it too where it began %d ms ago", async (ms, want) => {
    const stage = new Stage();
    await stage.settle();
    stage.claim = null;
    await stage.settle();
    await stage.settle();
    stage.events = [];
    stage.wantedFor = [];
    stage.now += ms;
    stage.restart();
    await stage.settle();
    expect([stage.wantedFor, [...new Set(stage.events.map(({ reason }) => reason))]]).toEqual([[...want], [...want]]);
  });

  test("a healing tells of none, and costs two patches as ever", async () => {
    const stage = new Stage(aRunningStatus());
    await stage.settle();
    stage.patches = [];
    stage.gate = "shut";
    stage.triggerPod();
    await stage.settle();
    expect([stage.patches.length, stage.wantedFor, stage.condition("Ready")]).toEqual([2, [], "True/Ready"]);
  });

  test("a gate that is rejected again and again is one state, until it opens", async () => {
    const stage = new Stage();
    await stage.settle();
    stage.events = [];
    stage.rejects = true;
    stage.gate = "shut";
    stage.triggerPod();
    for (let poll = 0; poll < 30; poll += 1) {
      await stage.reconcile();
      await stage.pause(2000);
    }
    expect((stage.status.history ?? []).filter(({ outcome }) => outcome === "Failed").length).toBeGreaterThan(1);
    expect(stage.condition("Ready")).toBe("False/BackingOff");
    expect(told(stage, "BackingOff")).toBe(1);
    expect(stage.wantedFor).toEqual(["BackingOff"]);
    stage.rejects = false;
    for (let poll = 0; poll < 40; poll += 1) {
      await stage.reconcile();
      await stage.pause(2000);
    }
    expect([stage.condition("Ready"), stage.wantedFor.at(-1)].map(String)).toEqual([
      "True/Ready",
      "no longer BackingOff",
    ]);
  });
});

/** Events of this reason, by name: one that is sent again meets the one that is there. */
function told({ events }: Stage, reason: string): number {
  return new Set(events.filter((event) => event.reason === reason).map(({ transition }) => transition)).size;
}

function neverMissing(): never {
  throw new Error("the stage has no claim");
}
