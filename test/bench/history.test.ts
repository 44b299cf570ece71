/** The full history of benchmark nodes. */
import { describe, expect, test } from "bun:test";
import { formatOf, fullHistory, movedUp } from "../../bench/fleet/history.ts";
import { heldBackUntil } from "../../src/model/index.ts";
import { readHistory } from "../../src/seinode/read/index.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

describe("a full history", () => {
  const status = fullHistory("history", { history: [] }, NOW);
  const read = readHistory(status) ?? [];

  test("is what the program reads as ten finished plans of ten sidecars", () => {
    expect(JSON.stringify({ history: read })).toBe(JSON.stringify(status));
    expect(read.length).toBe(10);
    expect(new Set(read.map(({ id }) => id)).size).toBe(10);
    expect(read.some(({ message }) => message !== undefined)).toBe(true);
    const lives = read.flatMap(({ incarnation }) => incarnation?.podUid ?? []);
    expect(new Set(lives).size).toBe(lives.length);
  });

  test("is as long as a real one", () => {
    expect(JSON.stringify(status).length / 10).toBeWithin(300, 420);
  });

  test("holds nothing back, and is over", () => {
    expect(heldBackUntil(read, "sidecar-ready", 1)).toBe(0);
    expect(read.every(({ finishedAt }) => Date.parse(finishedAt) < NOW - 3_600_000)).toBe(true);
    expect(read.at(-1)).toMatchObject({ outcome: "Complete", healed: true });
  });

  test("of lines of text is ten times the last one that the program wrote", () => {
    const own = { outcomes: ["older", "2026-01-01T00:00:00Z sidecar-ready Complete"] };
    expect(fullHistory("outcomes", own, NOW)).toEqual({
      outcomes: Array.from({ length: 10 }, () => "2026-01-01T00:00:00Z sidecar-ready Complete"),
    });
  });
});

test.each([
  ["records", { history: [{ id: "a" }] }, "history"],
  ["lines of text", { outcomes: ["a"] }, "outcomes"],
  ["both: the newer one", { history: [{ id: "a" }], outcomes: ["a"] }, "outcomes"],
] as const)("the format is what the program left in status: %s", (_title, status, format) => {
  expect(formatOf(status)).toBe(format);
});

test.each([
  ["records", { plan: null, history: [1, 2, 3] }, { plan: null, history: [2, 3, 1] }],
  ["lines of text", { outcomes: ["a", "b"] }, { outcomes: ["b", "a"] }],
  ["nothing remembered", { plan: null }, { plan: null }],
])("moved up by one: %s", (_title, status, want) => {
  expect<object>(movedUp(status)).toEqual(want);
});

test("a program that left nothing is refused, since its fleet would not be what it says", () => {
  expect(() => formatOf({})).toThrow("want one of history, outcomes");
});
