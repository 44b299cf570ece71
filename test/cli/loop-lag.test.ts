import { expect, test } from "bun:test";
import { watchLoopLag } from "../../src/cli/loop-lag.ts";

test("a timer that comes late is told by how much, and after the end nothing is", () => {
  let now = 0;
  const set: (() => void)[] = [];
  const told: number[] = [];
  const timers = {
    after(_ms: number, run: () => void): () => void {
      set.push(run);
      return () => void set.splice(set.indexOf(run), 1);
    },
  };
  const stop = watchLoopLag({ clock: { mono: () => now, wall: () => now }, timers }, (seconds) => told.push(seconds));
  now = 1000;
  set.shift()?.();
  now = 4500;
  set.shift()?.();
  expect(told).toEqual([0, 2.5]);
  stop();
  expect(set).toEqual([]);
});
