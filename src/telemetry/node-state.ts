/** What is told of each SeiNode: read from the store when somebody asks, so a deleted node is gone at once. */
import { attentionOf, type SeiNode } from "../model/index.ts";

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
}

/** One series of a gauge. */
export interface GaugeSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A node as its metrics tell it. Readiness is what the condition says, so replicas agree. */
export function nodeStateOf({ metadata, status }: SeiNode): NodeState {
  const condition = status.conditions?.find(({ type }) => type === "SidecarReady");
  const held = status.conditions?.find(({ type }) => type === "HeldByWorkflow");
  const isGateHistoryUnknown = held?.reason === "GateHistoryUnknown";
  const wanted = attentionOf(status);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    phase: status.phase ?? null,
    sidecar: condition === undefined ? null : SIDECAR_STATES[condition.status],
    planActive: status.plan?.phase === "Active",
    ...(isGateHistoryUnknown ? { isGateHistoryUnknown } : {}),
    ...(wanted === null ? {} : { attention: wanted.reason }),
  };
}

const SIDECAR_STATES = { True: "ready", False: "notReady", Unknown: "unknown" } as const;

/** The series of one metric over all nodes. */
export type NodeSeries = (nodes: Iterable<NodeState>) => Iterable<GaugeSeries>;

/** One series a node at most: null = none of this one. */
export function ofEach(seriesOf: (node: NodeState) => GaugeSeries | null): NodeSeries {
  return function* (nodes) {
    for (const node of nodes) {
      const series = seriesOf(node);
      if (series !== null) yield series;
    }
  };
}

/** One series a namespace: how many plans are Active. Namespaces with nodes but no plan say 0, so that an alert sees the fall. */
export function* activePlans(nodes: Iterable<NodeState>): Generator<GaugeSeries> {
  const perNamespace = new Map<string, number>();
  for (const { namespace, planActive } of nodes) {
    perNamespace.set(namespace, (perNamespace.get(namespace) ?? 0) + (planActive ? 1 : 0));
  }
  for (const [namespace, value] of perNamespace) yield { labels: { controller: "seinode", namespace }, value };
}
