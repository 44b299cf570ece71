/** A list of conditions and how one is set. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { conditionOf, isTrue, withCondition } from "../../src/model/conditions.ts";
import type { Condition } from "../../src/model/node.ts";

const [nine, ten] = ["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"];
const ready = { type: "Ready", status: "True", reason: "Ready", message: "it runs" } as const;
const stamp = { at: nine, generation: 1 };
const first = withCondition([], ready, stamp);

test("a first verdict is added with its time and generation", () => {
  expect(first).toEqual([{ ...ready, lastTransitionTime: nine, observedGeneration: 1 }]);
});

test("the same verdict again changes nothing, not even the list", () => {
  expect(withCondition(first, ready, { at: ten, generation: 1 })).toBe(first);
});

test.each<[string, Partial<Condition>, number, string]>([
  ["another reason keeps the time", { reason: "Other" }, 1, nine],
  ["another message keeps the time", { message: "other" }, 1, nine],
  ["another generation keeps the time", {}, 2, nine],
  ["another status moves the time", { status: "False" }, 1, ten],
])("%s", (_title, change, generation, time) => {
  const [next] = withCondition(first, { ...ready, ...change }, { at: ten, generation });
  expect(next).toEqual({ ...ready, ...change, lastTransitionTime: time, observedGeneration: generation });
});

test("a condition keeps its place, and the others are left alone", () => {
  const two = withCondition(first, { ...ready, type: "Stalled" }, stamp);
  const next = withCondition(two, { ...ready, status: "False" }, { at: ten, generation: 1 });
  expect(next.map(({ type }) => type)).toEqual(["Ready", "Stalled"]);
  expect(next[1] === two[1]).toBe(true);
});

test("what was never set is null and not true", () => {
  expect(conditionOf(undefined, "Ready")).toBeNull();
  expect(conditionOf(first, "Stalled")).toBeNull();
  expect([isTrue(first, "Ready"), isTrue(first, "Stalled"), isTrue(undefined, "Ready")]).toEqual([true, false, false]);
});

test("over any story of verdicts the transition time moves exactly with the status", () => {
  const verdict = fc.record({
    type: fc.constantFrom("A", "B"),
    status: fc.constantFrom("True" as const, "False" as const, "Unknown" as const),
    reason: fc.constantFrom("R", "S"),
    message: fc.constantFrom("", "m"),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(verdict, fc.nat(3)), { maxLength: 20 }), (story) => {
      let conditions: readonly Condition[] = [];
      for (const [index, [said, generation]] of story.entries()) {
        const at = `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`;
        const before = conditionOf(conditions, said.type);
        conditions = withCondition(conditions, said, { at, generation });
        const after = conditionOf(conditions, said.type);
        expect(after).toMatchObject({ ...said, observedGeneration: generation });
        expect(after?.lastTransitionTime).toBe(before?.status === said.status ? before.lastTransitionTime : at);
      }
      expect(new Set(conditions.map(({ type }) => type)).size).toBe(conditions.length);
    }),
  );
});

test("a text has an end", () => {
  const long = { ...ready, message: "é".repeat(5000) };
  const told = withCondition([], long, stamp);
  expect(told[0]?.message).toHaveLength(1024);
  expect(withCondition(told, long, { ...stamp, at: ten })).toBe(told);
});
