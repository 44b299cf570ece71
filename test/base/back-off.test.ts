/** Waits after failures in a row. */
import { expect, test } from "bun:test";
import { backOffMs, jitter } from "../../src/base/back-off.ts";

test("each wait is twice the one before it, up to the cap, after however many failures", () => {
  const backOff = { firstMs: 5, capMs: 60 };
  expect([1, 2, 3, 4, 5, 2_000].map((failures) => backOffMs(backOff, failures))).toEqual([5, 10, 20, 40, 60, 60]);
});

test.each([
  [0, { from: 0.75, to: 1.25 }, 75],
  [2 ** 31, { from: 0.75, to: 1.25 }, 100],
  [2 ** 31, { from: 1, to: 0.9 }, 95],
  [0, { from: 1, to: 0.9 }, 100],
])("of 100 ms %d between %j makes %d", (u32, between, ms) => {
  expect(jitter(100, u32, between)).toBeCloseTo(ms, 9);
});

test("the far end is never quite reached", () => {
  expect(jitter(100, 2 ** 32 - 1, { from: 1, to: 2 })).toBeLessThan(200);
});
