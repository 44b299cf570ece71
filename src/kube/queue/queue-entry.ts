/** What a queue keeps of one key, and how long a key that failed waits. */

/** `urgent` goes before `routine`, but for one turn in sixteen. */
export type Priority = "urgent" | "routine";

const BACKOFF_BASE_MS = 5;
const BACKOFF_CAP_MS = 5 * 60_000;

/** The wait after the `failures`-th failure in a row: 5 ms doubling to 5 minutes, less a jitter of up to a quarter. */
export function queueBackoffMs(failures: number, u32: number): number {
  const full = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(failures - 1, 30));
  return full * (1 - (u32 / 2 ** 32) * 0.25);
}

/** One key of a queue. */
export interface Entry {
  readonly key: string;
  /** Set while the key is to run now: it stands in that line, or is running and will stand there afterwards. */
  ready: Priority | null;
  readyAt: number;
  startedAt: number;
  running: boolean;
  failures: number;
  duePriority: Priority;
  dueAt: number;
  slot: number;
  ahead: Entry | null;
  behind: Entry | null;
}

/** A key that neither waits nor runs. */
export function newEntry(key: string): Entry {
  return {
    key,
    ready: null,
    readyAt: 0,
    startedAt: 0,
    running: false,
    failures: 0,
    duePriority: "routine",
    dueAt: 0,
    slot: -1,
    ahead: null,
    behind: null,
  };
}
