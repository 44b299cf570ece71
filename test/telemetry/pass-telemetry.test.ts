/** What is measured of passes, drifts, plans and phases. */
import { expect, test } from "bun:test";
import type { NodeStatus, SeiNode } from "../../src/core/node.ts";
import type { StoredPlan } from "../../src/core/plan.ts";
import { createInstruments, createLogger, nodeStateOf, passTelemetry } from "../../src/telemetry/index.ts";

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

function setUp() {
  const now = { mono: 0, wall: Date.UTC(2026, 0, 2) };
  const clock = { mono: () => now.mono, wall: () => now.wall };
  const lines: string[] = [];
  const log = createLogger({ level: "info", format: "json", clock, sink: (line) => void lines.push(line) });
  const instruments = createInstruments();
  return { now, lines, instruments, report: passTelemetry({ instruments, log, clock }) };
}

test("a drift that stands over many passes counts once, and again after it was away", () => {
  const { now, lines, instruments, report } = setUp();
  for (const at of [0, 10_000, 20_000, 70_000, 200_000]) {
    now.mono = at;
    report.drift(node(), "sidecar-ready", "act");
  }
  expect([...instruments.values("driftDetected")]).toEqual([{ labelValues: ["sidecar-ready"], value: 2 }]);
  expect(lines.length).toBe(2);
});

test("heal time runs from the first sight, through a failed plan, to the plan that closed it", () => {
  const { now, instruments, report } = setUp();
  report.drift(node(), "sidecar-ready", "act");
  now.mono = 4_000;
  report.planEnded(node(), plan, "failed", 4_000);
  expect([...instruments.histograms("healTime")]).toEqual([]);
  now.mono = 7_000;
  report.planEnded(node(), plan, "complete", 2_000);
  report.planEnded(node(), plan, "complete", 2_000);
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

test("passes are counted by result, and timed where they ended well", () => {
  const { instruments, report } = setUp();
  report.passed("chain/a", 250, false);
  report.passed("chain/a", 3, true);
  expect([...instruments.values("reconciles")].map(({ labelValues }) => labelValues[1])).toEqual(["success", "error"]);
  expect([...instruments.histograms("reconcileTime")].map(({ sum }) => sum)).toEqual([0.25]);
  expect([...instruments.values("reconcileFailures")].map(({ value }) => value)).toEqual([1]);
});

test("a problem is counted each time and said once", () => {
  const { lines, instruments, report } = setUp();
  report.problem(node(), "conflict");
  report.problem(node(), "conflict");
  expect([...instruments.values("reconcileErrors")]).toEqual([{ labelValues: [], value: 2 }]);
  expect(lines.length).toBe(1);
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
  });
});

test("a node without status has no phase, no readiness and no plan", () => {
  expect(nodeStateOf(node())).toMatchObject({ phase: null, sidecar: null, planActive: false });
});

test("failed passes are counted from 0, so that a rate sees the first", () => {
  const instruments = createInstruments();
  passTelemetry({
    instruments,
    log: createLogger({ level: "error", format: "json", sink: () => {}, clock: { wall: () => 0 } }),
    clock: { mono: () => 0, wall: () => 0 },
  });
  const values = (["reconcileErrors", "reconcileFailures"] as const).map((name) => [...instruments.values(name)]);
  expect(values.map(([series]) => series?.value)).toEqual([0, 0]);
});
