/** The Prometheus text of what is told per node. */
import { expect, test } from "bun:test";
import { createInstruments } from "../../src/telemetry/instruments.ts";
import type { NodeState } from "../../src/telemetry/node-state.ts";
import { prometheusText } from "../../src/telemetry/prometheus-text.ts";

const node = (name: string, more: Partial<NodeState> = {}): NodeState => ({
  namespace: "chain",
  name,
  phase: "Running",
  sidecar: "ready",
  planActive: false,
  ...more,
});
const samples = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
const about = (text: string, name: string) => samples(text).filter((line) => line.startsWith(`${name}{`));

test("ready, not ready, unknown and not asked are four different things", () => {
  const text = prometheusText(createInstruments(), [
    node("a"),
    node("b", { sidecar: "notReady" }),
    node("c", { sidecar: "unknown" }),
    node("d", { sidecar: null, phase: "Initializing" }),
  ]);
  expect(about(text, "sei_controller_seinode_sidecar_ready")).toEqual([
    'sei_controller_seinode_sidecar_ready{namespace="chain",name="a"} 1',
    'sei_controller_seinode_sidecar_ready{namespace="chain",name="b"} 0',
  ]);
  expect(about(text, "sei_controller_seinode_sidecar_unknown")).toEqual([
    'sei_controller_seinode_sidecar_unknown{namespace="chain",name="c"} 1',
  ]);
});

test("a gate that nobody knows of has a series, and no other node has", () => {
  const text = prometheusText(createInstruments(), [node("a"), node("b", { isGateHistoryUnknown: true })]);
  expect(about(text, "tidekeeper_seinode_gate_history_unknown")).toEqual([
    'tidekeeper_seinode_gate_history_unknown{namespace="chain",name="b"} 1',
  ]);
});

test("a node has one phase series, and none without a phase", () => {
  const text = prometheusText(createInstruments(), [node("a"), node("b", { phase: null })]);
  expect(about(text, "sei_controller_seinode_phase")).toEqual([
    'sei_controller_seinode_phase{namespace="chain",name="a",phase="Running"} 1',
  ]);
});

test("active plans are counted from the nodes, however often a plan is worked on, and fall to 0", () => {
  const instruments = createInstruments();
  const active = [node("a", { planActive: true }), node("b", { planActive: true }), node("c")];
  const line = 'sei_controller_plan_active{controller="seinode",namespace="chain"}';
  for (let reading = 0; reading < 3; reading += 1) {
    expect(about(prometheusText(instruments, active), "sei_controller_plan_active")).toEqual([`${line} 2`]);
  }
  expect(about(prometheusText(instruments, [node("a")]), "sei_controller_plan_active")).toEqual([`${line} 0`]);
});

test("series of a deleted node are gone", () => {
  const instruments = createInstruments();
  expect(prometheusText(instruments, [node("a"), node("gone")])).toContain('name="gone"');
  expect(prometheusText(instruments, [node("a")])).not.toContain('name="gone"');
});

test("counters add up and gauges are set", () => {
  const instruments = createInstruments();
  instruments.count("driftDetected", { detector: "image" });
  instruments.count("driftDetected", { detector: "image" }, 2);
  instruments.count("driftDetected", { detector: "image" }, -5);
  instruments.count("reconcileErrors", {});
  instruments.set("loopLag", 0.5, {});
  instruments.set("loopLag", Number.NaN, {});
  expect(prometheusText(instruments, [])).toBe(
    [
      "# HELP sei_controller_reconcile_errors_total Problems that kept a reconcile from doing its work.",
      "# TYPE sei_controller_reconcile_errors_total counter",
      "sei_controller_reconcile_errors_total 1",
      "# HELP sei_controller_drift_detected_total Drifts found, by detector; one that stands over many reconciles counts once.",
      "# TYPE sei_controller_drift_detected_total counter",
      'sei_controller_drift_detected_total{detector="image"} 3',
      "# HELP tidekeeper_event_loop_lag_seconds How late the last timer of the process came.",
      "# TYPE tidekeeper_event_loop_lag_seconds gauge",
      "tidekeeper_event_loop_lag_seconds 0.5",
      "",
    ].join("\n"),
  );
});

test("a histogram's buckets are cumulative, bounds included, and end at +Inf", () => {
  const instruments = createInstruments();
  const labels = { namespace: "chain", chain_id: "pacific-1", phase: "Initializing" };
  for (const seconds of [10, 10.5, 600, 9_999]) instruments.observe("phaseDuration", seconds, labels);
  const lines = samples(prometheusText(instruments, []));
  const base = 'sei_controller_seinode_phase_duration_seconds_bucket{namespace="chain",chain_id="pacific-1"';
  expect(lines).toContain(`${base},phase="Initializing",le="10"} 1`);
  expect(lines).toContain(`${base},phase="Initializing",le="30"} 2`);
  expect(lines).toContain(`${base},phase="Initializing",le="3600"} 3`);
  expect(lines).toContain(`${base},phase="Initializing",le="+Inf"} 4`);
  expect(lines.at(-2)).toEndWith(" 10619.5");
  expect(lines.at(-1)).toEndWith(" 4");
});

test("a hostile label stays one label on one line", () => {
  const text = prometheusText(createInstruments(), [node('a"} 1\nevil{x="\\\ud800')]);
  const lines = about(text, "sei_controller_seinode_sidecar_ready");
  expect(lines).toEqual([
    'sei_controller_seinode_sidecar_ready{namespace="chain",name="a\\"} 1\\nevil{x=\\"\\\\\ufffd"} 1',
  ]);
});

test("labels are cut, and a metric's series are bounded", () => {
  const instruments = createInstruments();
  for (let index = 0; index < 3_000; index += 1) {
    instruments.count("driftDetected", { detector: `${index}-${"x".repeat(500)}` });
  }
  const lines = about(prometheusText(instruments, []), "sei_controller_drift_detected_total");
  expect(lines.length).toBe(2_001);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
  expect(lines.at(-1)).toBe('sei_controller_drift_detected_total{detector="overflow"} 1000');
});
