/** A clock with timers that a test moves. */
import { drainMicrotasks } from "bun:jsc";

import type { Clock, Random, Timers } from "../../src/kube/transport.ts";

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on; after each timer every promise that can settle has. */
export class VirtualTime {
  #now = 1_000;
  readonly #alarms = new Set<Alarm>();
  /** By how much somebody has set the wall clock. */
  wallSetBy = 0;
  readonly clock: Clock = { mono: () => this.#now, wall: () => 1_700_000_000_000 + this.#now + this.wallSetBy };
  readonly timers: Timers = {
    after: (ms, run) => {
      const alarm = { at: this.#now + Math.max(0, ms), run };
      this.#alarms.add(alarm);
      return () => void this.#alarms.delete(alarm);
    },
  };

  /** Timers that are set. */
  get armed(): number {
    return this.#alarms.size;
  }

  settle(): void {
    drainMicrotasks();
  }

  /** Goes on by `ms`, running each timer at its time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    this.settle();
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      this.settle();
    }
    this.#now = until;
  }

  /** Lets time pass without running a timer, as a stopped process sees it. */
  freeze(ms: number): void {
    this.#now += ms;
  }

  #next(until: number): Alarm | null {
    let first: Alarm | null = null;
    for (const alarm of this.#alarms) if (alarm.at <= until && (first === null || alarm.at < first.at)) first = alarm;
    return first;
  }
}

/** Randomness that always gives `fraction` of its range, and ids that count up. */
export function fixedRandom(fraction = 0): Random {
  let ids = 0;
  return {
    u32: () => Math.floor(fraction * 2 ** 32),
    uuid4: () => `00000000-0000-4000-8000-${String(ids++).padStart(12, "0")}`,
  };
}
