/** Two programs measured in turn. */
import { describe, expect, test } from "bun:test";
import { type BySide, compare, type Figure, medianOf, oneByOne, type Order, takeTurns } from "../../bench/turns.ts";

function figures(ours: number, other: number): BySide<readonly Figure[]> {
  const figure = (value: number): readonly Figure[] => [{ what: "all marked ready", unit: "ms", value }];
  return { ours: figure(ours), other: figure(other) };
}

describe("turns", () => {
  test("who goes first changes with every round", async () => {
    const orders: string[] = [];
    await takeTurns(4, async (order) => {
      orders.push(order.join(" "));
      return figures(1, 1);
    });
    expect(orders).toEqual(["ours other", "other ours", "ours other", "other ours"]);
  });

  test.each([
    ["ours first", ["ours", "other"] as const],
    ["the other first", ["other", "ours"] as const],
  ])("%s: one after the other, each figure with its own side", async (_title, order: Order) => {
    const log: string[] = [];
    const seen = await oneByOne(order, async (side) => {
      log.push(`${side} begins`);
      await Promise.resolve();
      log.push(`${side} ends`);
      return `of ${side}`;
    });
    expect(log).toEqual(order.flatMap((side) => [`${side} begins`, `${side} ends`]));
    expect(seen).toEqual({ ours: "of ours", other: "of other" });
  });

  test("a figure is told by the medians and by the ratios of each pair, not of the medians", () => {
    const rounds = [figures(10, 20), figures(30, 30), figures(90, 60)];
    expect(compare(rounds)).toEqual([
      { what: "all marked ready", unit: "ms", ours: 30, other: 30, ratio: { median: 1, min: 0.5, max: 1.5 } },
    ]);
  });

  test("a pair that has nothing to divide by is left out, and without any pair there is no ratio", () => {
    expect(compare([figures(1, 0), figures(3, 2)])[0]?.ratio).toEqual({ median: 1.5, min: 1.5, max: 1.5 });
    expect(compare([figures(1, 0)])[0]?.ratio).toBeNull();
  });
});

test.each([
  ["one value", [3], 3],
  ["the middle of an odd number, in any order", [9, 1, 5], 5],
  ["between the two in the middle of an even number", [1, 2, 4, 9], 3],
  ["nothing is no number", [], Number.NaN],
])("median: %s", (_title, values, want) => {
  expect(medianOf(values)).toBe(want);
});
