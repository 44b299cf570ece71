import { conditionOf } from "../core/conditions.ts";
import type { SeiNode } from "../core/node.ts";
import type { NodeState } from "../telemetry/index.ts";

const SIDECAR = { True: "ready", False: "notReady", Unknown: "unknown" } as const;

/** What telemetry tells of each node, straight from the store: a deleted node is gone at the next reading. */
export function* nodeStates(nodes: Iterable<SeiNode>): Generator<NodeState> {
  for (const { metadata, status } of nodes) {
    const condition = conditionOf(status.conditions, "SidecarReady");
    yield {
      namespace: metadata.namespace,
      name: metadata.name,
      phase: status.phase ?? null,
      sidecar: status.phase === "Running" && condition !== null ? SIDECAR[condition.status] : null,
      planActive: status.plan?.phase === "Active",
    };
  }
}
