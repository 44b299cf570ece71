/** Finished plans as records, and the back-off that follows from them. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  graceUntil,
  GRACE_MS,
  heldBackUntil,
  isSameLife,
  shortContainerId,
  waitMs,
  withRecord,
} from "../../src/model/history.ts";
import type { PlanRecord } from "../../src/model/plan.ts";

const at = "2026-01-01T00:00:00.000Z";
const now = Date.parse(at);
const ID = "00000000-0000-4000-8000-000000000000";
const SHORT = "00000000";
const life = { podUid: "pod-1", containerId: "c-1", restartCount: 0 };

function record(change: Partial<PlanRecord> = {}): PlanRecord {
  const base = { id: ID, detector: "a", reason: "R", outcome: "Failed", healed: false } as const;
  return { ...base, createdAt: at, finishedAt: at, ...change };
}

describe("a finished plan becomes a record", () => {
  const plan = { id: ID, phase: "Complete", tasks: [] } as const;

  test("of one that does not say who asked for it, as the reference's", () => {
    expect(withRecord([], plan, { outcome: "Complete", healed: true, at })).toEqual([
      { ...record({ outcome: "Complete", healed: true }), id: SHORT, detector: "unknown", reason: "Unknown" },
    ]);
  });

  test("with all that is known of it", () => {
    const known = { ...plan, detector: "a", reason: "R", createdAt: at };
    const end = { outcome: "Failed", healed: false, at, message: "no", incarnation: life } as const;
    expect(withRecord([], known, end)).toEqual([record({ id: SHORT, message: "no", incarnation: life })]);
  });

  test("with a short text, which is one line", () => {
    const [kept] = withRecord([], plan, { outcome: "Failed", healed: false, at, message: `a\n\tb ${"x".repeat(999)}` });
    expect(kept?.message).toMatch(/^a b x{505}\.\.\.$/);
  });

  test("and of the lives of sidecars only those that are still asked for stay", () => {
    const until = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
    const lived = (detector: string, seconds: number) =>
      record({ detector, finishedAt: until(seconds), incarnation: { ...life, podUid: `${detector}-${seconds}` } });
    const old = [lived("a", 90), lived("b", 80), record(), lived("a", 9), lived("b", 8), lived("b", 7)];
    const lives = (records: readonly PlanRecord[]) => records.map(({ incarnation }) => incarnation?.podUid ?? "");
    const unopened = withRecord(old, plan, { outcome: "Failed", healed: false, at });
    expect(lives(unopened)).toEqual(["", "", "", "a-9", "", "b-7", ""]);
    const later = { outcome: "Complete", healed: true, at: until(-60), incarnation: life } as const;
    expect(lives(withRecord(old, plan, later))).toEqual(["", "", "", "", "", "", "pod-1"]);
    expect(lives(withRecord(old.slice(0, 2), plan, { ...later, outcome: "Failed" }).slice(0, 2))).toEqual(["", ""]);
    expect(lives(withRecord(old.slice(0, 2), plan, { outcome: "Failed", healed: false, at }))).toEqual([
      "",
      "b-80",
      "",
    ]);
  });

  test("of which the last ten are kept, oldest first", () => {
    const ten = Array.from({ length: 10 }, (_, index) => record({ reason: `R${index}` }));
    const kept = withRecord(ten, plan, { outcome: "Complete", healed: true, at });
    expect(kept.map(({ reason }) => reason)).toEqual([...ten.slice(1).map(({ reason }) => reason), "Unknown"]);
  });
});

const superseded = (count: number, generation = 2): readonly PlanRecord[] =>
  Array.from({ length: count }, () => record({ outcome: "Superseded", generation }));

describe("a detector is held back", () => {
  test.each<[string, readonly PlanRecord[], number]>([
    ["by nothing without a past", [], 0],
    ["by nothing after it healed", [record(), record({ healed: true })], 0],
    ["by nothing for what others failed at", [record({ detector: "b" })], 0],
    ["by nothing after a plan that was superseded", [record({ outcome: "Superseded" })], 0],
    ["half a second after two in a row", superseded(2), 500],
    ["by more than a minute after ten", superseded(10), 128_000],
    ["by nothing after many of another spec", superseded(10, 1), 0],
    ["10 s after one failure", [record()], 10_000],
    ["10 s after one that ended well and healed nothing", [record({ outcome: "Complete" })], 10_000],
    ["20 s after two in a row", [record(), record()], 20_000],
    ["as before when one between was superseded", [record(), record({ outcome: "Superseded" }), record()], 20_000],
    ["as before when others healed between", [record(), record({ detector: "b", healed: true }), record()], 20_000],
    ["10 s after a failure since it healed", [record(), record({ healed: true }), record()], 10_000],
    ["by nothing for what was made from another spec", [record({ generation: 1 }), record({ generation: 1 })], 0],
    ["10 s after the first failure of this one", [record({ generation: 1 }), record({ generation: 2 })], 10_000],
    ["5 min at most", Array.from({ length: 10 }, () => record()), 300_000],
  ])("%s", (_title, history, ms) => {
    expect(heldBackUntil(history, "a", 2)).toBe(ms === 0 ? 0 : now + ms);
  });

  test("by a wait that the plan's id shortens by a tenth at most, the same on every replica", () => {
    const last = record({ id: "ffffffff-0000-4000-8000-000000000000" });
    expect(heldBackUntil([last], "a", 2)).toBe(now + 9000);
    expect(heldBackUntil([record({ id: "corrupt" })], "a", 2)).toBe(now + 10_000);
  });

  test("ever longer by failures in a row, never over 5 min, and not at all once it healed", () => {
    const id = fc.uuid();
    fc.assert(
      fc.property(fc.array(id, { minLength: 1, maxLength: 30 }), (ids) => {
        let history: readonly PlanRecord[] = [];
        let before = 0;
        for (const one of ids) {
          history = [...history, record({ id: one })];
          const wait = heldBackUntil(history, "a", 2) - now;
          expect(wait).toBeGreaterThan(before === 300_000 ? 0 : Math.min(before, 269_000));
          expect(wait).toBeLessThanOrEqual(300_000);
          before = wait;
        }
        expect(heldBackUntil([...history, record({ healed: true })], "a", 2)).toBe(0);
      }),
    );
  });
});

test.each([
  ["past", now - 1, 0],
  ["now", now, 0],
  ["5 min off", now + 300_000, 300_000],
  ["further off than any wait: the clock was set back", now + 300_001, 0],
  ["no time", Number.NaN, 0],
])("a wait until a moment that is %s", (_title, until, ms) => {
  expect(waitMs(until, now)).toBe(ms);
});

test.each<[string, typeof life | undefined, number]>([
  ["the life whose gate was opened", life, now + GRACE_MS],
  ["another container", { ...life, containerId: "c-2" }, 0],
  ["another Pod", { ...life, podUid: "pod-2" }, 0],
  ["no life", undefined, 0],
])("grace after a gate was opened goes to %s", (_title, asked, until) => {
  expect(graceUntil([record({ incarnation: life }), record()], asked)).toBe(until);
});

test("a container is the same by its first twelve digits, with its runtime or without", () => {
  const digits = "cf71636d2878170c58c12db1c4f42e9dad70e3e78a1defc25057a468b1c2611e";
  const whole = { ...life, containerId: `containerd://${digits}` };
  const short = { ...life, containerId: shortContainerId(whole.containerId) };
  expect(short.containerId).toBe("cf71636d2878");
  expect(isSameLife(whole, short)).toBe(true);
  expect(isSameLife({ ...life, containerId: `containerd://d${digits.slice(1)}` }, short)).toBe(false);
});

test.each([
  ["itself", life, true],
  ["one whose container is not told yet", { ...life, containerId: "" }, true],
  ["another container", { ...life, containerId: "c-2" }, false],
  ["the same container started again", { ...life, restartCount: 1 }, false],
  ["another Pod", { ...life, podUid: "pod-2" }, false],
  ["nothing", undefined, false],
])("a life is the same as %s", (_title, other, same) => {
  expect([isSameLife(life, other), isSameLife(other, life)]).toEqual([same, same]);
});
