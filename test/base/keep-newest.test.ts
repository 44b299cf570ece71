/** Maps that keep their newest entries alone. */
import { expect, test } from "bun:test";
import { keepNewest } from "../../src/base/keep-newest.ts";

test("the oldest goes when there are too many", () => {
  const map = new Map<string, number>();
  for (const [index, key] of ["a", "b", "c"].entries()) keepNewest(map, [key, index], 2);
  expect([...map]).toEqual([
    ["b", 1],
    ["c", 2],
  ]);
});

test("what is put in again is the newest, and nobody goes for it", () => {
  const map = new Map([
    ["a", 1],
    ["b", 2],
  ]);
  keepNewest(map, ["a", 3], 2);
  expect([...map]).toEqual([
    ["b", 2],
    ["a", 3],
  ]);
});
