/** What a queue keeps of one key, and how long a key that failed waits. */
import { backOffMs, jitter } from "../../base/index.ts";

/** `urgent` goes before `routine`, but for one turn in sixteen. */
export type Priority = "urgent" | "routine";

const BACK_OFF = { firstMs: 5, capMs: 5 * 60_000, jitter: { from: 1, to: 0.75 } };

/** The wait after the `failures`-th failure in a row: 5 ms doubling to 5 minutes, less a jitter of up to a quarter. */
export function queueBackoffMs(failures: number, u32: number): number {
  return jitter(backOffMs(BACK_OFF, failures), u32, BACK_OFF.jitter);
}

/** One key of a queue. */
export interface Entry {
  readonly key: string;
  /** Set while the key is to run now: it is in that list, or is running and will be there afterwards. */
  ready: Priority | null;
  readyAt: number;
  startedAt: number;
  running: boolean;
  failures: number;
  duePriority: Priority;
  dueAt: number;
  slot: number;
  before: Entry | null;
  after: Entry | null;
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
    before: null,
    after: null,
  };
}
