/** A task as the sidecar tells it, parsed once from what came over the wire. */
import { isDeeperThan, isObject } from "../base/index.ts";
import { safeText } from "./reply-text.ts";

/** One task. `submittedAt` is RFC 3339. A status this program does not know counts as still running. */
export interface SidecarTask {
  readonly id: string;
  readonly type: string;
  readonly status: "running" | "completed" | "failed";
  readonly error: string | null;
  readonly submittedAt: string | null;
  /** How often it was started, from 1; null where the sidecar does not tell (before v0.0.31). */
  readonly run: number | null;
}

/** The task in `raw`, or null when it is none. */
export function parseTask(raw: unknown): SidecarTask | null {
  if (!isObject(raw) || typeof raw.id !== "string" || typeof raw.type !== "string") return null;
  const { id, type, status, error, submittedAt, run } = raw;
  return {
    id: safeText(id, 64),
    type: safeText(type, 64),
    status: status === "completed" || status === "failed" ? status : "running",
    error: parseError(error),
    submittedAt: typeof submittedAt === "string" && !Number.isNaN(Date.parse(submittedAt)) ? submittedAt : null,
    run: typeof run === "number" && Number.isSafeInteger(run) && run > 0 ? run : null,
  };
}

/**
 * The tasks in `raw`, newest first to the millisecond, all of them: which ones a list that is too long lacks, nobody knows.
 * One that cannot be read makes the list unknown: it may be the one that matters.
 */
export function parseTasks(raw: unknown): readonly SidecarTask[] | null {
  if (!Array.isArray(raw)) return null;
  const tasks: SidecarTask[] = [];
  for (const entry of raw) {
    const task = parseTask(entry);
    if (task === null) return null;
    tasks.push(task);
  }
  return tasks.sort((a, b) => timeOf(b) - timeOf(a));
}

/** A task without a time sorts as the newest: nothing may hide behind it. */
function timeOf(task: SidecarTask): number {
  return task.submittedAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(task.submittedAt);
}

function parseError(error: unknown): string | null {
  if (error === undefined || error === null || error === "") return null;
  if (typeof error === "string") return safeText(error, 1000);
  // That it failed is known, why is not worth seconds of everybody's: writing deep JSON takes longer than linear.
  return isDeeperThan(error, MAX_DEPTH) ? "unreadable error" : safeText(JSON.stringify(error) ?? "", 1000);
}

const MAX_DEPTH = 64;
