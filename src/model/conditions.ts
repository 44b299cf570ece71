/** Conditions as Kubernetes means them: the transition time moves only when the status does. */
import type { ConditionReason } from "./reasons.ts";
import type { Condition, ConditionVerdict } from "./node.ts";

/** When and of which generation a verdict is. `at` is RFC 3339. */
export interface Stamp {
  readonly at: string;
  readonly generation: number;
}

/** Longest text of a condition of ours. */
const MAX_MESSAGE = 1024;

/** The conditions with one verdict set; the same array when nothing changed. */
export function withCondition(
  conditions: readonly Condition[],
  said: ConditionVerdict,
  stamp: Stamp,
): readonly Condition[] {
  const verdict = { ...said, message: said.message.slice(0, MAX_MESSAGE).toWellFormed() };
  const index = conditions.findIndex((condition) => condition.type === verdict.type);
  const old = conditions[index];
  if (old !== undefined && isSame(old, verdict, stamp.generation)) return conditions;
  const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime : stamp.at;
  const fresh: Condition = {
    type: verdict.type,
    status: verdict.status,
    reason: verdict.reason,
    message: verdict.message,
    lastTransitionTime,
    observedGeneration: stamp.generation,
  };
  return old === undefined ? [...conditions, fresh] : conditions.with(index, fresh);
}

function isSame(old: Condition, verdict: ConditionVerdict, generation: number): boolean {
  return (
    old.status === verdict.status &&
    old.reason === verdict.reason &&
    old.message === verdict.message &&
    old.observedGeneration === generation
  );
}

/** The condition of a type; null when it was never set. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | null {
  return conditions?.find((condition) => condition.type === type) ?? null;
}

/** True when the condition stands at True. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === "True";
}

/** A condition whose reason is one of ours. */
export function verdict(
  type: string,
  status: Condition["status"],
  reason: ConditionReason,
  message: string,
): ConditionVerdict {
  return { type, status, reason, message };
}
