/** The alerts: what is wrong with a node for longer than healing takes, and what keeps the controller from healing. */
import type { JsonObject } from "../base/index.ts";
import { type MetricName, specOf } from "../telemetry/index.ts";

/** One alert. A section of docs/runbooks.md has its name. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** Absent = at once. */
  readonly for?: string;
  readonly severity: "critical" | "warning";
  /** One line; `{{ $labels.name }}` and the like are Prometheus'. */
  readonly summary: string;
}

/** By the name in the catalogue: one that is not there does not compile. */
function metric(name: MetricName, part: "" | "_bucket" | "_count" = ""): string {
  return specOf(name).prometheus + part;
}

/** Every replica tells of every node, so each node is one series of them all. */
function perNode(name: MetricName, matching = ""): string {
  return `max by (namespace, name) (${metric(name)}${matching})`;
}

const NODE = "SeiNode {{ $labels.namespace }}/{{ $labels.name }}";
const FAILED = `${metric("planDuration", "_count")}{outcome="failed"}`;
const REOPENED = `${metric("planDuration", "_count")}{plan_type="mark-ready-reapply",outcome="complete"}`;
const HEALED = '{stage="healed"';

/** Whose severity is critical wakes somebody. */
export const ALERT_RULES: readonly AlertRule[] = [
  {
    alert: "SeiNodeGateShut",
    expr: `${perNode("sidecarReady")} == 0`,
    for: "5m",
    severity: "critical",
    summary: `${NODE}: its sidecar answers 503 for 5 minutes, and healing takes seconds`,
  },
  {
    alert: "SeiNodeSidecarUnreachable",
    expr: `${perNode("sidecarUnknown")} == 1`,
    for: "10m",
    severity: "warning",
    summary: `${NODE}: its sidecar does not say whether its gate is open`,
  },
  {
    alert: "SeiNodeGateHistoryUnknown",
    expr: `${perNode("gateHistoryUnknown")} == 1`,
    for: "1m",
    severity: "warning",
    summary: `${NODE}: its gate stays shut, since nobody can tell whether it was shut on purpose`,
  },
  {
    alert: "SeiNodeWantsAPerson",
    expr: `max by (namespace, name, reason) (${metric("needsAttention")}{reason!="Paused"}) == 1`,
    for: "5m",
    severity: "warning",
    summary: `${NODE}: {{ $labels.reason }}: a person is wanted`,
  },
  {
    alert: "SeiNodeReopenedAgainAndAgain",
    // By namespace, since no metric counts by node; a Pod that is replaced once, or a drain of all, stays below it. What a
    // series was born with within the hour is no increase of it.
    expr: [
      `((sum by (namespace) (${REOPENED}) unless sum by (namespace) (${REOPENED} offset 1h))`,
      `or sum by (namespace) (increase(${REOPENED}[1h])))`,
      `> 3 * count by (namespace) (${perNode("phase")})`,
    ].join(" "),
    severity: "warning",
    summary: "Gates in {{ $labels.namespace }} were opened anew more than three times a node within an hour",
  },
  {
    alert: "SeiNodePlanTooLong",
    expr: `max by (namespace, name, plan_type) (${metric("nodePlan")}{plan_type!="init"}) == 1`,
    for: "20m",
    severity: "warning",
    summary: `${NODE}: its plan ({{ $labels.plan_type }}) is under way for 20 minutes`,
  },
  {
    alert: "SeiNodeInitTooLong",
    expr: `max by (namespace, name) (${metric("phase")}{phase="Initializing"}) == 1`,
    for: "12h",
    severity: "warning",
    summary: `${NODE}: it is being brought up for 12 hours`,
  },
  {
    alert: "SeiNodePlanFailed",
    // The second half is the first failure: a series that comes into being has no increase.
    expr: [
      `sum by (namespace, plan_type) (increase(${FAILED}[15m])) > 0`,
      `or (sum by (namespace, plan_type) (${FAILED}) unless sum by (namespace, plan_type) (${FAILED} offset 15m)) > 0`,
    ].join(" "),
    severity: "warning",
    summary: "A plan ({{ $labels.plan_type }}) of a SeiNode in {{ $labels.namespace }} failed",
  },
  {
    alert: "SeiNodeHealedTooSlowly",
    expr: [
      `sum(increase(${metric("podTime", "_bucket")}${HEALED},le="60"}[1h]))`,
      `/ sum(increase(${metric("podTime", "_count")}${HEALED}}[1h])) < 0.95`,
    ].join(" "),
    for: "10m",
    severity: "warning",
    summary:
      "Of the Pods that were replaced within an hour less than 95% were healed within a minute of their creation",
  },
  {
    alert: "TidekeeperDown",
    expr: `absent(${metric("buildInfo")})`,
    for: "5m",
    severity: "critical",
    summary: "No Tidekeeper is scraped: no SeiNode is healed, or nobody would know",
  },
  {
    alert: "TidekeeperNobodyLeads",
    expr: `max(${metric("leading")}) == 0`,
    for: "2m",
    severity: "critical",
    summary: "No replica holds the Lease: nothing is healed",
  },
  {
    alert: "TidekeeperShardUnowned",
    expr: `max by (shard) (${metric("shardOwned")}) == 0`,
    for: "2m",
    severity: "critical",
    summary: "Nobody works on shard {{ $labels.shard }}: its nodes are not healed",
  },
  {
    alert: "TidekeeperApiServerSilent",
    expr: `max(${metric("apiSilence")}) > 60`,
    for: "1m",
    severity: "critical",
    summary: "The API server has not answered a replica for more than a minute",
  },
  {
    alert: "TidekeeperWatchStale",
    expr: `min by (resource) (${metric("watchHealthy")}) == 0`,
    for: "2m",
    severity: "warning",
    summary: "A replica's watch of {{ $labels.resource }} tells nothing",
  },
  {
    alert: "TidekeeperDetectorFails",
    expr: [
      `sum by (detector) (increase(${metric("detectorFailures")}[15m])) > 0`,
      `or (sum by (detector) (${metric("detectorFailures")}) unless sum by (detector) (${metric("detectorFailures")} offset 15m)) > 0`,
    ].join(" "),
    severity: "warning",
    summary: "Detector {{ $labels.detector }} throws, overruns its deadline or answers nonsense",
  },
  {
    alert: "TidekeeperTlsInsecure",
    expr: `max(${metric("tlsInsecure")}) == 1`,
    severity: "warning",
    summary: "The API server's certificate is not checked",
  },
];

/** A rule file of Prometheus, as an object. */
export function ruleGroups(): JsonObject {
  return { groups: [{ name: "tidekeeper", rules: ALERT_RULES.map(ruleOf) }] };
}

/** For the Prometheus Operator. */
export function prometheusRule(namespace: string): JsonObject {
  const metadata = { name: "tidekeeper", namespace };
  return { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", metadata, spec: ruleGroups() };
}

function ruleOf({ alert, expr, severity, summary, ...more }: AlertRule): JsonObject {
  return {
    alert,
    expr,
    ...(more.for === undefined ? {} : { for: more.for }),
    labels: { severity },
    annotations: { summary, runbook: `docs/runbooks.md#${alert.toLowerCase()}` },
  };
}
