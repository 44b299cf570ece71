/** What status remembers of past plans and of readiness, as found. */
import {
  KEPT,
  OUTCOMES,
  type PlanOutcome,
  type PlanRecord,
  READINESS,
  type ReadinessTransition,
  readOutcomeLine,
  type SeiNode,
  shortId,
} from "../../model/index.ts";
import { field, integerAt, intern, listAt, LONG_AGO, messageAt, present, timeAt, wordAt } from "../../base/index.ts";
import { readIncarnation } from "./read-plan.ts";

/**
 * Plans that ended, the newest ten; null when there is no list. They stand in `status.outcomes`, and as objects in
 * `status.history` where only an earlier version was, or was since. What cannot be read is left out.
 */
export function readHistory(status: unknown): readonly PlanRecord[] | null {
  const objects = listAt(status, "history", readRecord);
  const lines = listAt(status, "outcomes", readLine);
  if (lines === null) return objects?.slice(-KEPT) ?? null;
  const known = new Set(lines.map((record) => keyOf(record)));
  const others = (objects ?? []).filter((record) => !known.has(keyOf(record)));
  if (others.length === 0) return lines.slice(-KEPT);
  return [...lines, ...others].toSorted((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt)).slice(-KEPT);
}

/** How the API server has them (see `SeiNode`); null = as lines alone. */
export function readHistoryKept(status: unknown): SeiNode["historyKept"] | null {
  if (!Array.isArray(field(status, "outcomes"))) return "objects";
  return (field(status, "history") ?? null) === null ? null : "both";
}

/** `status.readinessTransitions`, the newest two; null when there is no list. */
export function readTransitions(status: unknown): readonly ReadinessTransition[] | null {
  return listAt(status, "readinessTransitions", readTransition)?.slice(-MAX_TRANSITIONS) ?? null;
}

function readLine(raw: unknown): PlanRecord | null {
  return typeof raw === "string" ? readOutcomeLine(raw) : null;
}

/** The same plan as a line and as an object. */
function keyOf({ id, finishedAt }: PlanRecord): string {
  return `${shortId(id)} ${Date.parse(finishedAt)}`;
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

const MAX_TRANSITIONS = 2;
