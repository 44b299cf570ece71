/** The time of the simulation: it jumps to the next timer. */
import { drainMicrotasks } from "bun:jsc";
import type { Clock, Timers } from "../../src/base/index.ts";

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isOff: boolean;
}

/** A clock that stands still until it is told to run, quick enough for millions of timers. */
export class SimulatedTime {
  #now = 0;
  #order = 0;
  /** A binary heap, soonest first. */
  readonly #heap: Alarm[] = [];
  readonly clock: Clock = { mono: () => this.#now, wall: () => 1_800_000_000_000 + this.#now };
  readonly timers: Timers = {
    after: (ms, run) => {
      const alarm: Alarm = { at: this.#now + Math.max(0, ms), order: (this.#order += 1), run, isOff: false };
      this.#push(alarm);
      return () => void (alarm.isOff = true);
    },
  };

  /** Runs timers for `ms`, each at its time; after each every promise that can settle has. */
  run(ms: number): void {
    const until = this.#now + ms;
    drainMicrotasks();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      if (next.isOff) continue;
      this.#now = next.at;
      next.run();
      drainMicrotasks();
    }
    this.#now = until;
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.push(alarm) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isSooner(alarm, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = alarm;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isSooner(right, left);
      const child = isRight ? right : left;
      if (!isSooner(child, last)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

function isSooner(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
