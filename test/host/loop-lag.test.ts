/** How late the event loop is. */
import { expect, test } from "bun:test";
import { type LoopLag, watchLoopLag } from "../../src/host/loop-lag.ts";

test("timers that come late are told by how much, once a second, and after the end nothing is", () => {
  let now = 0;
  const set: (() => void)[] = [];
  const told: LoopLag[] = [];
  const timers = {
    after(_ms: number, run: () => void): () => void {
      set.push(run);
      return () => void set.splice(set.indexOf(run), 1);
    },
  };
  const stop = watchLoopLag({ clock: { mono: () => now, wall: () => now }, timers }, (lag) => told.push(lag));
  for (const lateMs of [0, 0, 400, 0, 0, 0, 0, 0, 0, 100]) {
    expect(told).toEqual([]);
    now += 100 + lateMs;
    set.shift()?.();
  }
  expect(told).toEqual([{ lastSeconds: 0.1, meanSeconds: 0.05, maxSeconds: 0.4 }]);
  stop();
  expect(set).toEqual([]);
});
