/** Virtual time for tests: timers run in order, promises settle in between. */
import type { Clock, Random, Timers } from "../../src/base/index.ts";

/** A clock that stands still until it is told to run. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Runs timers for `ms`. */
  run(ms: number): Promise<void>;
  /** Runs timers until `promise` settles. */
  until<T>(promise: Promise<T>): Promise<T>;
}

/** Starts at a fixed wall time, with random numbers that count up. */
export function virtualTime(): VirtualTime {
  let now = 0;
  let count = 0;
  const due: { at: number; order: number; run: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  async function step(limit: number): Promise<boolean> {
    due.sort((a, b) => a.at - b.at || a.order - b.order);
    const [next] = due;
    if (!next || next.at > limit) return false;
    due.shift();
    now = next.at;
    next.run();
    await settle();
    return true;
  }
  return {
    clock: { mono: () => now, wall: () => 1_800_000_000_000 + now },
    timers: {
      after(ms, run) {
        count += 1;
        const entry = { at: now + ms, order: count, run };
        due.push(entry);
        return () => {
          const index = due.indexOf(entry);
          if (index >= 0) due.splice(index, 1);
        };
      },
    },
    random: {
      u32: () => (count += 1),
      uuid4: () => {
        const number = String((count += 1)).padStart(12, "0");
        return `${number.slice(4)}-0000-4000-8000-${number}`;
      },
    },
    async run(ms) {
      const end = now + ms;
      await settle();
      while (await step(end));
      now = end;
    },
    async until(promise) {
      const state = { done: false };
      const mark = (): void => void (state.done = true);
      promise.then(mark, mark);
      await settle();
      while (!state.done && (await step(now + 600_000)));
      return promise;
    },
  };
}
