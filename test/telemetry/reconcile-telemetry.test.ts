/** What is measured of reconciles, drifts, plans and phases. */
import { expect, test } from "bun:test";
import {
  attentionState,
  type DriftReport,
  type NodeStatus,
  type PlanEndReport,
  type SeiNode,
  type StoredPlan,
} from "../../src/model/index.ts";
import { createInstruments } from "../../src/telemetry/instruments.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { reconcileTelemetry } from "../../src/telemetry/reconcile-telemetry.ts";
import { nodeSeries } from "../../src/telemetry/catalogue.ts";
import { nodeStateOf } from "../../src/telemetry/node-state.ts";

const node = (status: NodeStatus = {}): SeiNode => ({
  metadata: { namespace: "chain", name: "a", uid: "u", resourceVersion: "1", generation: 1 },
  spec: { chainId: "pacific-1" },
  status,
});
const plan: StoredPlan = {
  id: "p",
  phase: "Active",
  detector: "sidecar-ready",
  tasks: [{ type: "mark-ready", id: "t", status: "Pending", params: {} }],
};

const found: DriftReport = {
  detector: "sidecar-ready",
  mode: "act",
  reason: "SidecarNotReady",
  message: "its gate is shut",
  tasks: ["mark-ready"],
  waits: null,
};
const ended = (outcome: string, durationMs: number): PlanEndReport => ({
  outcome,
  message: "",
  healed: outcome === "complete",
  durationMs,
  nextTryAt: null,
});

function setUp() {
  const now = { mono: 0, wall: Date.UTC(2026, 0, 2) };
  const clock = { mono: () => now.mono, wall: () => now.wall };
  const lines: string[] = [];
  const log = createLogger({ level: "info", format: "json", clock, sink: (line) => void lines.push(line) });
  const instruments = createInstruments();
  const minutes: (() => void)[] = [];
  const timers = {
    after(_ms: number, run: () => void) {
      minutes.push(run);
      return () => void minutes.splice(minutes.indexOf(run), 1);
    },
  };
  const report = reconcileTelemetry({ instruments, log, clock, timers, probeIntervalMs: 10_000 });
  /** A minute passes. */
  const minute = (): void => {
    for (const run of minutes.splice(0)) run();
  };
  const records = (): Record<string, unknown>[] => lines.map((line) => Object(JSON.parse(line)));
  return { now, lines, instruments, report, minute, records };
}

test("a drift that stands over many reconciles counts once, and again after it was away", () => {
  const { now, lines, instruments, report } = setUp();
  for (const at of [0, 10_000, 20_000, 70_000, 200_000]) {
    now.mono = at;
    report.drift(node(), found);
  }
  expect([...instruments.values("driftDetected")]).toEqual([{ labelValues: ["sidecar-ready"], value: 2 }]);
  expect(lines.length).toBe(2);
});

test("heal time runs from the first sight, through a failed plan, to the plan that closed it", () => {
  const { now, instruments, report } = setUp();
  report.drift(node(), found);
  now.mono = 4_000;
  report.planEnded(node(), plan, ended("failed", 4_000));
  expect([...instruments.histograms("healTime")]).toEqual([]);
  now.mono = 7_000;
  report.planEnded(node(), plan, ended("complete", 2_000));
  report.planEnded(node(), plan, ended("complete", 2_000));
  expect([...instruments.histograms("healTime")].map(({ labelValues, sum }) => [labelValues, sum])).toEqual([
    [["sidecar-ready"], 7],
  ]);
  expect([...instruments.histograms("planDuration")].map(({ labelValues, sum }) => [labelValues, sum])).toEqual([
    [["seinode", "chain", "mark-ready-reapply", "failed"], 4],
    [["seinode", "chain", "mark-ready-reapply", "complete"], 4],
  ]);
});

test("phase duration is the time in the phase that was left", () => {
  const { instruments, report } = setUp();
  report.phaseChanged(node({ phase: "Initializing" }), { from: "Initializing", to: "Running", lastedMs: 600_000 });
  report.phaseChanged(node(), { from: "", to: "Initializing", lastedMs: Number.NaN });
  expect([...instruments.histograms("phaseDuration")].map(({ labelValues, sum }) => [labelValues, sum])).toEqual([
    [["chain", "pacific-1", "Initializing"], 600],
  ]);
  expect([...instruments.values("phaseTransitions")].map(({ labelValues }) => labelValues)).toEqual([
    ["seinode", "chain", "Initializing", "Running"],
    ["seinode", "chain", "", "Initializing"],
  ]);
});

test("reconciles are counted by result, and timed where they ended well", () => {
  const { instruments, report } = setUp();
  report.reconciled("chain/a", 250, false);
  report.reconciled("chain/a", 3, true);
  expect([...instruments.values("reconciles")].map(({ labelValues }) => labelValues[1])).toEqual(["success", "error"]);
  expect([...instruments.histograms("reconcileTime")].map(({ sum }) => sum)).toEqual([0.25]);
  expect([...instruments.values("reconcileFailures")].map(({ value }) => value)).toEqual([1]);
});

test("a problem is counted each time and said once a minute", () => {
  const { lines, instruments, report } = setUp();
  report.problem(node(), "conflict", 100);
  report.problem(node(), "conflict", 100);
  expect([...instruments.values("reconcileErrors")]).toEqual([{ labelValues: [], value: 2 }]);
  expect(lines.length).toBe(1);
});

test.each<[string, Partial<DriftReport>, object]>([
  ["that is acted on", {}, { mode: "act", reason: "SidecarNotReady", why: "its gate is shut" }],
  ["that is only observed", { mode: "observe" }, { mode: "observe", would: ["mark-ready"] }],
  ["that has to wait", { waits: "place" }, { mode: "act", next: expect.stringContaining("other nodes") }],
])("a drift %s says what is done about it", (_title, given, want) => {
  const { report, records } = setUp();
  report.drift(node(), { ...found, ...given });
  report.drift(node(), { ...found, ...given });
  expect(records()).toEqual([expect.objectContaining({ msg: "Drift found", node: "chain/a", ...want })]);
});

test("a drift that turns into another is told again and counted once", () => {
  const { report, records, instruments } = setUp();
  report.drift(node(), found);
  report.drift(node(), { ...found, message: "spec=seid:v3 current=seid:v1" });
  expect(records().map(({ why }) => why)).toEqual(["its gate is shut", "spec=seid:v3 current=seid:v1"]);
  expect([...instruments.values("driftDetected")].map(({ value }) => value)).toEqual([1]);
});

test("where nodes are observed every half hour, a drift that stands is told once", () => {
  const { now, report, records } = setUp();
  const clock = { mono: () => now.mono, wall: () => now.wall };
  const lines: string[] = [];
  const log = createLogger({ level: "info", format: "json", clock, sink: (line) => void lines.push(line) });
  const timers = { after: () => () => undefined };
  const slow = reconcileTelemetry({ instruments: createInstruments(), log, clock, timers, probeIntervalMs: 1_800_000 });
  for (const at of [0, 1_800_000, 3_600_000]) {
    now.mono = at;
    slow.drift(node(), found);
    report.drift(node(), found);
  }
  expect([lines.length, records().length]).toEqual([1, 3]);
});

test.each<[string, StoredPlan, Partial<PlanEndReport>, object]>([
  [
    "failed",
    plan,
    {
      message: "task mark-ready: SIDECAR_REJECTED: sidecar rejected mark-ready (400): no: 1",
      nextTryAt: Date.UTC(2026, 0, 2, 0, 0, 9),
    },
    {
      level: "warn",
      task: "mark-ready",
      code: "SIDECAR_REJECTED",
      why: "sidecar rejected mark-ready (400): no: 1",
      nextTry: "2026-01-02T00:00:09.000Z",
    },
  ],
  [
    "failed",
    { ...plan, detector: "init", failedPhase: "Failed" },
    { message: "task config-apply: DEADLINE_EXCEEDED: no end" },
    { code: "DEADLINE_EXCEEDED", next: expect.stringContaining("tidekeeper.sei.io/reinitialize=WORD") },
  ],
  ["superseded", plan, { message: "spec.image changed" }, { level: "info", why: "spec.image changed" }],
  [
    "complete",
    plan,
    { healed: false, nextTryAt: Date.UTC(2026, 0, 2) },
    { level: "info", healed: false, nextTry: "2026-01-02T00:00:00.000Z" },
  ],
])("the end of a plan that is %s says why and what comes next", (outcome, of, given, want) => {
  const { report, records } = setUp();
  report.planEnded(node(), of, { ...ended(outcome, 5), ...given });
  expect(records()).toEqual([
    expect.objectContaining({ msg: "Plan ended", node: "chain/a", plan: "p", outcome, durationMs: 5, ...want }),
  ]);
});

test("a step that waits is told once, and again after its plan has ended", () => {
  const { report, records, minute } = setUp();
  const wait = { why: "Pod a-0 is Pending", afterMs: 150 };
  const [task] = plan.tasks;
  if (task === undefined) throw new Error("the plan has no task");
  report.waiting(node(), task, wait);
  report.waiting(node(), task, wait);
  minute();
  report.planEnded(node(), plan, ended("complete", 1));
  report.waiting(node(), task, wait);
  expect(records().map(({ msg }) => msg)).toEqual(["Task has to wait", "Plan ended", "Task has to wait"]);
  expect(records()[0]).toMatchObject({ task: "mark-ready", id: "t", nextTry: "2026-01-02T00:00:00.150Z" });
});

test("a gate that nobody knows of is told as that", () => {
  const held = {
    type: "HeldByWorkflow",
    status: "Unknown",
    message: "",
    lastTransitionTime: "",
    observedGeneration: 1,
  } as const;
  const told = (reason: string) =>
    nodeStateOf(node({ conditions: [{ ...held, reason }] })).isGateHistoryUnknown ?? false;
  expect([told("GateHistoryUnknown"), told("GateShutOnPurpose")]).toEqual([true, false]);
});

test.each([
  ["True", "ready"],
  ["False", "notReady"],
  ["Unknown", "unknown"],
] as const)("SidecarReady %s is %s", (status, sidecar) => {
  const condition = {
    type: "SidecarReady",
    status,
    reason: "X",
    message: "",
    lastTransitionTime: "",
    observedGeneration: 1,
  };
  expect(nodeStateOf(node({ phase: "Running", conditions: [condition], plan }))).toEqual({
    namespace: "chain",
    name: "a",
    phase: "Running",
    sidecar,
    planActive: true,
    planType: "mark-ready-reapply",
  });
});

test("a node without status has no phase, no readiness and no plan", () => {
  expect(nodeStateOf(node())).toMatchObject({ phase: null, sidecar: null, planActive: false });
});

test("what a node wants a person for is one line at warn, and one at info when it is over", () => {
  const { lines, report } = setUp();
  const wanted = { reason: "DataVolumeLost", why: "no such claim", since: "", transition: "a" } as const;
  report.attention(node(), wanted, null);
  report.attention(node(), wanted, null);
  report.attention(node(), null, wanted);
  // A whole fleet comes to this at once.
  report.attention(node(), { ...wanted, reason: "WatchSilent" }, null);
  const records: readonly { level: string; msg: string; reason: string; why?: string; remedy?: string }[] = lines.map(
    (line) => JSON.parse(line),
  );
  expect(records.map(({ level, msg, reason }) => `${level} ${msg}: ${reason}`)).toEqual([
    "warn A person is wanted: DataVolumeLost",
    "info No person is wanted any more: DataVolumeLost",
  ]);
  expect([records[0]?.why, records[0]?.remedy]).toEqual(["no such claim", attentionState("DataVolumeLost").remedy]);
});

test("a thousand nodes that want a person for one cause are two lines, and one that has it again is told of again", () => {
  const { report, minute, records } = setUp();
  const wanted = { reason: "CRDTooOld", why: "the API server dropped a field", since: "", transition: "a" } as const;
  const nodes = Array.from({ length: 1000 }, (_none, index) => {
    const { metadata, ...rest } = node();
    return { ...rest, metadata: { ...metadata, name: `node-${index}`, uid: `uid-${index}` } };
  });
  for (const one of nodes) for (let look = 0; look < 3; look += 1) report.attention(one, wanted, null);
  minute();
  expect(records().map((record) => record["node"] ?? record["nodes"])).toEqual(["chain/node-0", 999]);
  minute();
  minute();
  const [first = node()] = nodes;
  report.attention(first, null, wanted);
  report.attention(first, wanted, null);
  expect(records().map((record) => record["msg"])).toEqual([
    "A person is wanted",
    "A person is wanted",
    "No person is wanted any more",
    "A person is wanted",
  ]);
});

test("the gauge has a series for a node that wants a person, by its reason, and none for another", () => {
  const told = (reason: string) => {
    const ready = {
      type: "Ready",
      status: "False",
      reason,
      message: "",
      lastTransitionTime: "",
      observedGeneration: 1,
    } as const;
    return [...nodeSeries("needsAttention", [nodeStateOf(node({ conditions: [ready] }))])];
  };
  expect(told("GateShutOnPurpose")).toEqual([
    { labels: { namespace: "chain", name: "a", reason: "GateShutOnPurpose" }, value: 1 },
  ]);
  expect([told("NotReady"), told("toString")]).toEqual([[], []]);
});

test("failed reconciles are counted from 0, so that a rate sees the first", () => {
  const instruments = createInstruments();
  reconcileTelemetry({
    instruments,
    log: createLogger({ level: "error", format: "json", sink: () => {}, clock: { wall: () => 0 } }),
    clock: { mono: () => 0, wall: () => 0 },
    timers: { after: () => () => undefined },
    probeIntervalMs: 10_000,
  });
  const values = (["reconcileErrors", "reconcileFailures"] as const).map((name) => [...instruments.values(name)]);
  expect(values.map(([series]) => series?.value)).toEqual([0, 0]);
});

test("what befalls many nodes at once is a line with the first, and a line with their number", () => {
  const { report, records, minute } = setUp();
  const of = (index: number): SeiNode => ({ ...node(), metadata: { ...node().metadata, name: `node-${index}` } });
  for (let index = 0; index < 50; index += 1) {
    report.sidecarUnknown(of(index), "Unreachable", "the sidecar cannot be reached: connection refused");
    report.detectorFailed(of(index), "mine", "detect() threw: boom");
    report.eventDropped(`chain/node-${index}`, "PlanFailed", "it waited for too long");
  }
  minute();
  expect(records().map(({ msg, node: one, nodes }) => `${String(msg)} ${String(one ?? nodes)}`)).toEqual([
    "Sidecar state unknown chain/node-0",
    "Detector failed chain/node-0",
    "An Event was dropped chain/node-0",
    "Sidecar state unknown 49",
    "Detector failed 49",
    "An Event was dropped 49",
  ]);
});
