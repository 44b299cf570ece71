/** The list that keeps the newest entries. */
import { expect, test } from "bun:test";
import { createNewest } from "../../src/sim/newest.ts";

test.each([
  [0, []],
  [3, [1, 2, 3]],
  [5, [1, 2, 3, 4, 5]],
  [6, [4, 5, 6]],
  [7, [4, 5, 6, 7]],
])("after %i entries of which 3 are kept", (count, want) => {
  const newest = createNewest<number>(3);
  for (let entry = 1; entry <= count; entry += 1) newest.add(entry);
  expect(newest.list()).toEqual(want);
});

test("a million entries take no more room than twice what is kept", () => {
  const newest = createNewest<number>(100);
  let longest = 0;
  for (let entry = 0; entry < 1_000_000; entry += 1) {
    newest.add(entry);
    longest = Math.max(longest, newest.list().length);
  }
  expect([longest < 200, newest.list().at(-1)]).toEqual([true, 999_999]);
});
