/**
 * Every metric this program has: what it is called on both wires, its labels, and what it means.
 *
 * Names of the reference are kept, so that dashboards and alerts move over. docs/metrics.md is written from here.
 * Readiness tells three things apart: `sidecar_ready` has a series only where the gate is known, open or shut;
 * a probed node whose gate is not known has `sidecar_unknown` instead, so "0" never means "no idea".
 */

import type { MetricSpec } from "./metric-spec.ts";
import { activePlans, type GaugeSeries, type NodeSeries, type NodeState, ofEach } from "./node-state.ts";
import { runtimeMetrics } from "./runtime-metrics.ts";

export type { MetricSpec } from "./metric-spec.ts";

/** The catalogue. Keys are how the code names a metric. */
export const catalogue = {
  phase: {
    otel: "sei.controller.seinode.phase",
    prometheus: "sei_controller_seinode_phase",
    kind: "gauge",
    unit: "1",
    labels: ["namespace", "name", "phase"],
    help: "1 for the phase a SeiNode is in; no series for the phases it is not in.",
    fromNodes: ofEach(({ namespace, name, phase }) =>
      phase === null ? null : { labels: { namespace, name, phase }, value: 1 },
    ),
  },
  sidecarReady: {
    otel: "sei.controller.seinode.sidecar_ready",
    prometheus: "sei_controller_seinode_sidecar_ready",
    kind: "gauge",
    unit: "1",
    labels: ["namespace", "name"],
    help: "1 while the sidecar's gate is open, 0 while it is shut; no series while that is not known.",
    fromNodes: ofEach(({ namespace, name, sidecar }) =>
      sidecar === "ready" || sidecar === "notReady"
        ? { labels: { namespace, name }, value: sidecar === "ready" ? 1 : 0 }
        : null,
    ),
  },
  sidecarUnknown: {
    otel: "sei.controller.seinode.sidecar_unknown",
    prometheus: "sei_controller_seinode_sidecar_unknown",
    kind: "gauge",
    unit: "1",
    labels: ["namespace", "name"],
    help: "1 while the sidecar's gate should be known but is not; no series otherwise.",
    fromNodes: ofEach(({ namespace, name, sidecar }) =>
      sidecar === "unknown" ? { labels: { namespace, name }, value: 1 } : null,
    ),
  },
  gateHistoryUnknown: {
    otel: "tidekeeper.seinode.gate_history_unknown",
    prometheus: "tidekeeper_seinode_gate_history_unknown",
    kind: "gauge",
    unit: "1",
    labels: ["namespace", "name"],
    help: "1 while a gate stays shut because the sidecar's tasks do not tell whether that was on purpose; no series otherwise.",
    fromNodes: ofEach(({ namespace, name, isGateHistoryUnknown }) =>
      isGateHistoryUnknown === true ? { labels: { namespace, name }, value: 1 } : null,
    ),
  },
  needsAttention: {
    otel: "tidekeeper.seinode.needs_attention",
    prometheus: "tidekeeper_seinode_needs_attention",
    kind: "gauge",
    unit: "1",
    labels: ["namespace", "name", "reason"],
    help: "1 while a SeiNode wants a person, by the reason of its condition Ready (docs/reference.md lists them); no series otherwise.",
    fromNodes: ofEach(({ namespace, name, attention: reason }) =>
      reason === undefined ? null : { labels: { namespace, name, reason }, value: 1 },
    ),
  },
  planActive: {
    otel: "sei.controller.plan.active",
    prometheus: "sei_controller_plan_active",
    kind: "gauge",
    unit: "1",
    labels: ["controller", "namespace"],
    help: "SeiNodes with an Active plan in their status, counted anew at each reading.",
    fromNodes: activePlans,
  },
  phaseTransitions: {
    otel: "sei.controller.seinode.phase.transitions",
    prometheus: "sei_controller_seinode_phase_transitions_total",
    kind: "counter",
    unit: "1",
    labels: ["controller", "namespace", "from_phase", "to_phase"],
    help: "Committed changes of phase; from_phase is empty for a new SeiNode.",
  },
  phaseDuration: {
    otel: "sei.controller.seinode.phase.duration",
    prometheus: "sei_controller_seinode_phase_duration_seconds",
    kind: "histogram",
    unit: "s",
    labels: ["namespace", "chain_id", "phase"],
    help: "Time spent in the phase that was left.",
    buckets: [10, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600],
  },
  planDuration: {
    otel: "sei.controller.plan.duration",
    prometheus: "sei_controller_plan_duration_seconds",
    kind: "histogram",
    unit: "s",
    labels: ["controller", "namespace", "plan_type", "outcome"],
    help: "Time from the creation of a plan to its end.",
    buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800],
  },
  healthProbes: {
    otel: "sei.controller.seinode.sidecar_health_probes",
    prometheus: "sei_controller_seinode_sidecar_health_probes_total",
    kind: "counter",
    unit: "1",
    labels: ["controller", "namespace", "outcome"],
    help: "Probes of sidecars by outcome: ready, not_ready, unreachable, probe_error.",
  },
  reconcileErrors: {
    otel: "sei.controller.reconcile.errors",
    prometheus: "sei_controller_reconcile_errors_total",
    kind: "counter",
    unit: "1",
    labels: [],
    help: "Problems that kept a reconcile from doing its work.",
  },
  driftDetected: {
    otel: "sei.controller.drift.detected",
    prometheus: "sei_controller_drift_detected_total",
    kind: "counter",
    unit: "1",
    labels: ["detector"],
    help: "Drifts found, by detector; one that stands over many reconciles counts once.",
  },
  detectorFailures: {
    otel: "sei.controller.detector.failures",
    prometheus: "sei_controller_detector_failures_total",
    kind: "counter",
    unit: "1",
    labels: ["detector"],
    help: "Detectors that threw, overran their deadline or answered nonsense.",
  },
  healTime: {
    otel: "tidekeeper.heal.duration",
    prometheus: "tidekeeper_heal_duration_seconds",
    kind: "histogram",
    unit: "s",
    labels: ["detector"],
    help: "Time from the first sight of a drift to the end of the plan that closed it.",
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 900],
  },
  ...runtimeMetrics,
  leading: {
    otel: "leader_election_master_status",
    prometheus: "leader_election_master_status",
    kind: "gauge",
    unit: "1",
    labels: ["name"],
    help: "1 while this process holds the Lease, 0 while it stands by.",
  },
  shards: {
    otel: "tidekeeper.shards",
    prometheus: "tidekeeper_shards",
    kind: "gauge",
    unit: "1",
    labels: [],
    help: "Shards that the nodes are divided into; no series where there is but one.",
  },
  shardOwned: {
    otel: "tidekeeper.shard.owned",
    prometheus: "tidekeeper_shard_owned",
    kind: "gauge",
    unit: "1",
    labels: ["shard"],
    help: "1 while this process holds the shard's Lease, 0 while another has it or nobody.",
  },
  shardReplicas: {
    otel: "tidekeeper.shard.replicas",
    prometheus: "tidekeeper_shard_replicas",
    kind: "gauge",
    unit: "1",
    labels: [],
    help: "Replicas that this one sees sharing the shards, itself among them; 0 while it stands by.",
  },
  apiSilence: {
    otel: "tidekeeper.apiserver.silence",
    prometheus: "tidekeeper_apiserver_silence_seconds",
    kind: "gauge",
    unit: "s",
    labels: [],
    help: "For how long the API server has not answered: 0 while it does.",
  },
  watchHealthy: {
    otel: "tidekeeper.watch.healthy",
    prometheus: "tidekeeper_watch_healthy",
    kind: "gauge",
    unit: "1",
    labels: ["resource"],
    help: "1 while the watch of a resource is synced and alive, 0 while it is not.",
  },
  watchRestarts: {
    otel: "tidekeeper.watch.restarts",
    prometheus: "tidekeeper_watch_restarts_total",
    kind: "counter",
    unit: "1",
    labels: ["resource", "reason"],
    help: "Watches that ended other than by their own timeout.",
  },
  tlsInsecure: {
    otel: "tidekeeper.tls.insecure",
    prometheus: "tidekeeper_tls_insecure",
    kind: "gauge",
    unit: "1",
    labels: [],
    help: "1 while the API server's certificate is not checked.",
  },
  buildInfo: {
    otel: "tidekeeper.build_info",
    prometheus: "tidekeeper_build_info",
    kind: "gauge",
    unit: "1",
    labels: ["version", "runtime"],
    help: "Always 1; the labels tell what runs.",
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** How the code names a metric. */
export type MetricName = keyof typeof catalogue;

type OfKind<Kind> = {
  [Name in MetricName]: (typeof catalogue)[Name] extends { readonly fromNodes: NodeSeries }
    ? never
    : (typeof catalogue)[Name]["kind"] extends Kind
      ? Name
      : never;
}[MetricName];

/** Metrics that only go up. */
export type CounterName = OfKind<"counter">;
/** Metrics that are set. */
export type GaugeName = OfKind<"gauge">;
/** Metrics that are observed. */
export type HistogramName = OfKind<"histogram">;
/** Metrics whose series come from the nodes. */
export type NodeMetric = {
  [Name in MetricName]: (typeof catalogue)[Name] extends { readonly fromNodes: NodeSeries } ? Name : never;
}[MetricName];
/** The labels a metric has, all of them. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof catalogue)[Name]["labels"][number], string>>;

/** The entry of a metric, with what only some have. */
export function specOf(name: MetricName): MetricSpec {
  return catalogue[name];
}

/** Every name, in the order of the catalogue. */
export function metricNames(): readonly MetricName[] {
  return Object.keys(catalogue).filter((key): key is MetricName => key in catalogue);
}

/** The series of a metric that comes from the nodes. */
export function nodeSeries(name: NodeMetric, nodes: Iterable<NodeState>): Iterable<GaugeSeries> {
  return catalogue[name].fromNodes(nodes);
}
