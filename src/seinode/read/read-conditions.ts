/** `status.conditions` as found: those that the API server would take again. */
import { type Condition, CONDITION_STATES } from "../../model/index.ts";
import { arrayAt, field, integerAt, intern, LONG_AGO, stringAt, timeAt } from "../../base/index.ts";

/**
 * The conditions, the first of each type; null when there is no list. Status goes out whole, so one condition that the
 * schema refuses, left by a hand or from before the schema, would keep everything else from being written: what it
 * lacks is filled in, and without a type or a status it is none.
 */
export function readConditions(status: unknown): readonly Condition[] | null {
  if (!Array.isArray(field(status, "conditions"))) return null;
  const byType = new Map<string, Condition>();
  for (const raw of arrayAt(status, "conditions")) {
    const condition = readCondition(raw);
    if (condition !== null && !byType.has(condition.type)) byType.set(condition.type, condition);
  }
  return [...byType.values()];
}

function readCondition(raw: unknown): Condition | null {
  const type = stringAt(raw, "type") ?? "";
  const status = CONDITION_STATES.find((state) => state === field(raw, "status"));
  if (type === "" || type.length > MAX_TYPE || status === undefined) return null;
  return {
    type: intern(type),
    status,
    reason: intern(readReason(raw)),
    message: intern((stringAt(raw, "message") ?? "").slice(0, MAX_MESSAGE)),
    lastTransitionTime: timeAt(raw, "lastTransitionTime") ?? LONG_AGO,
    observedGeneration: Math.max(0, integerAt(raw, "observedGeneration") ?? 0),
  };
}

function readReason(raw: unknown): string {
  const reason = stringAt(raw, "reason") ?? "";
  return reason.length <= MAX_REASON && REASON.test(reason) ? reason : "Unknown";
}

/** Limits of the schema. */
const MAX_TYPE = 316;
const MAX_REASON = 1024;
const MAX_MESSAGE = 32_768;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
