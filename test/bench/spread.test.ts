/** Percentiles of what was measured. */
import { expect, test } from "bun:test";
import { spreadOf } from "../../bench/spread.ts";

test.each([
  ["one value is all of it", [7], { n: 1, median: 7, p90: 7, p99: 7, max: 7, mean: 7 }],
  ["order does not matter", [30, 10, 20], { n: 3, median: 20, p90: 30, p99: 30, max: 30, mean: 20 }],
  [
    "percentiles are values that were measured",
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 100],
    { n: 10, median: 5, p90: 9, p99: 100, max: 100, mean: 14.5 },
  ],
])("%s", (_title, values, spread) => {
  expect(spreadOf(values)).toEqual(spread);
});

test("nothing measured is no number", () => {
  expect(spreadOf([])).toEqual({
    n: 0,
    median: Number.NaN,
    p90: Number.NaN,
    p99: Number.NaN,
    max: Number.NaN,
    mean: Number.NaN,
  });
});
