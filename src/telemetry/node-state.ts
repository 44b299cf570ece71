/** What is told of each SeiNode: read from the store when somebody asks, so a deleted node is gone at once. */
import type { MetricName } from "./catalogue.ts";

/** One SeiNode as telemetry sees it. */
export interface NodeState {
  readonly namespace: string;
  readonly name: string;
  /** Null while the status has none. */
  readonly phase: string | null;
  /** Null where nobody probes, as while a node initializes. */
  readonly sidecar: "ready" | "notReady" | "unknown" | null;
  /** Absent = false: it is of hardly any node. */
  readonly isGateHistoryUnknown?: boolean;
  /** The reason of `Ready` that a person is wanted for; absent = nobody is. */
  readonly attention?: string;
  readonly planActive: boolean;
  /** Type of the Active plan; absent = there is none. */
  readonly planType?: string;
}

/** One series of a gauge. */
export interface GaugeSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics whose series come from the nodes. */
export type NodeMetric = Extract<
  MetricName,
  "phase" | "nodePlan" | "sidecarReady" | "sidecarUnknown" | "gateHistoryUnknown" | "needsAttention" | "planActive"
>;

/** The series of one metric over all nodes: one a node at most, or one a namespace for plans. */
export function* nodeSeries(metric: NodeMetric, nodes: Iterable<NodeState>): Generator<GaugeSeries> {
  if (metric === "planActive") {
    yield* activePlans(nodes);
    return;
  }
  for (const node of nodes) {
    const series = seriesOf(metric, node);
    if (series !== null) yield series;
  }
}

function seriesOf(metric: Exclude<NodeMetric, "planActive">, node: NodeState): GaugeSeries | null {
  const { namespace, name, phase, sidecar } = node;
  switch (metric) {
    case "phase":
      return phase === null ? null : { labels: { namespace, name, phase }, value: 1 };
    case "sidecarReady":
      if (sidecar !== "ready" && sidecar !== "notReady") return null;
      return { labels: { namespace, name }, value: sidecar === "ready" ? 1 : 0 };
    case "gateHistoryUnknown":
      return node.isGateHistoryUnknown === true ? { labels: { namespace, name }, value: 1 } : null;
    case "nodePlan":
      return node.planType === undefined ? null : { labels: { namespace, name, plan_type: node.planType }, value: 1 };
    case "needsAttention":
      return node.attention === undefined ? null : { labels: { namespace, name, reason: node.attention }, value: 1 };
    case "sidecarUnknown":
      return sidecar === "unknown" ? { labels: { namespace, name }, value: 1 } : null;
  }
}

/** Namespaces with nodes but no plan say 0, so that an alert sees the fall. */
function* activePlans(nodes: Iterable<NodeState>): Generator<GaugeSeries> {
  const perNamespace = new Map<string, number>();
  for (const { namespace, planActive } of nodes) {
    perNamespace.set(namespace, (perNamespace.get(namespace) ?? 0) + (planActive ? 1 : 0));
  }
  for (const [namespace, value] of perNamespace) yield { labels: { controller: "seinode", namespace }, value };
}
