/**
 * What the detectors declare of the node's gate: which condition says whether it is open, and who looks after it. The loop
 * keeps the story of that condition, is Ready by it, and asks again while nobody answers; it knows no detector by name.
 */
import { type Condition, conditionOf, type NodeStatus, type RegisteredDetector } from "../model/index.ts";

/** The declaration, once for a loop. */
export interface Readiness {
  /** Type of the condition. */
  readonly condition: string;
  /** Name of the detector that sets it, and opens the gate. */
  readonly detector: string;
  /** Type of the condition that keeps a node from being Ready, and that nothing is done about. */
  readonly leftAlone: string;
}

/** What the first built-ins that declare it say; of a plugin it is not heard. */
export function readinessOf(detectors: readonly RegisteredDetector[]): Readiness {
  const builtins = detectors.flatMap(({ detector, origin }) => (origin === "builtin" ? [detector] : []));
  const gate = builtins.find(({ readiness }) => readiness !== undefined);
  const leftAlone = builtins.find(({ leavesAlone }) => leavesAlone !== undefined)?.leavesAlone ?? "";
  return { condition: gate?.readiness ?? "", detector: gate?.name ?? "", leftAlone };
}

/** The condition that says whether the gate is open; null while nothing was said. */
export function gateCondition(
  { conditions }: Pick<NodeStatus, "conditions">,
  { condition }: Readiness,
): Condition | null {
  return conditionOf(conditions, condition);
}

/** Whether the gate is known to be open. */
export function isGateOpen(status: Pick<NodeStatus, "conditions">, readiness: Readiness): boolean {
  return gateCondition(status, readiness)?.status === "True";
}
