/** What status remembers of past plans and of readiness, as found. */
import type { ReadinessTransition } from "../core/node.ts";
import type { PlanOutcome, PlanRecord } from "../core/plan.ts";
import { field, intern, integerAt, listAt, LONG_AGO, messageAt, present, timeAt, wordAt } from "./raw.ts";
import { readIncarnation } from "./read-plan.ts";
import { OUTCOMES, READINESS } from "./status-words.ts";

/** `status.history`, the newest ten; null when there is no list. Records without an id or an end are left out. */
export function readHistory(status: unknown): readonly PlanRecord[] | null {
  return listAt(status, "history", readRecord)?.slice(-MAX_RECORDS) ?? null;
}

/** `status.readinessTransitions`, the newest two; null when there is no list. */
export function readTransitions(status: unknown): readonly ReadinessTransition[] | null {
  return listAt(status, "readinessTransitions", readTransition)?.slice(-MAX_TRANSITIONS) ?? null;
}

function readRecord(raw: unknown): PlanRecord | null {
  const id = wordAt(raw, "id");
  const outcome: PlanOutcome | undefined = OUTCOMES.find((item) => item === field(raw, "outcome"));
  if (id === null || outcome === undefined) return null;
  return {
    id,
    detector: intern(wordAt(raw, "detector") ?? "unknown"),
    reason: intern(wordAt(raw, "reason") ?? "Unknown"),
    outcome,
    healed: field(raw, "healed") === true,
    ...present("message", messageAt(raw, "message")),
    createdAt: timeAt(raw, "createdAt") ?? LONG_AGO,
    finishedAt: timeAt(raw, "finishedAt") ?? LONG_AGO,
    ...present("generation", integerAt(raw, "generation")),
    ...present("incarnation", readIncarnation(field(raw, "incarnation"))),
    ...present("budget", wordAt(raw, "budget")),
  };
}

function readTransition(raw: unknown): ReadinessTransition | null {
  const to = READINESS.find((item) => item === field(raw, "to"));
  const at = timeAt(raw, "at");
  return to === undefined || at === null ? null : { to, at };
}

const MAX_RECORDS = 10;
const MAX_TRANSITIONS = 2;
