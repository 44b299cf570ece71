/** Ages of times in status, when a clock is set. */
import { describe, expect, test } from "bun:test";
import { createSteadyClock } from "../../src/core/steady-clock.ts";
import { Stage } from "../fixtures/stage.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const DAY_MS = 86_400_000;

function clocks() {
  const time = { mono: 5000, wall: START };
  const clock = createSteadyClock({ mono: () => time.mono, wall: () => time.wall });
  const pass = (ms: number): void => {
    time.mono += ms;
    time.wall += ms;
  };
  const stamp = (): string => new Date(clock.wall()).toISOString();
  return { time, clock, pass, stamp };
}

describe("the age of a stamp", () => {
  test.each([
    ["a day forward", DAY_MS],
    ["a day back", -DAY_MS],
    ["an hour back", -3_600_000],
    ["by less than a second", 900],
  ])("is the same after the clock was set %s", (_title, setBy) => {
    const { time, clock, pass, stamp } = clocks();
    const older = new Date(START - 60_000).toISOString();
    const before = stamp();
    pass(10_000);
    time.wall += setBy;
    const after = stamp();
    pass(5000);
    expect([clock.ageMs(after), clock.ageMs(before)]).toEqual([5000, 15_000 + (setBy === 900 ? 900 : 0)]);
    expect(clock.ageMs(older)).toBe(75_000 + (setBy === 900 ? 900 : 0));
  });

  test("is the same after it was set there and back again", () => {
    const { time, clock, pass, stamp } = clocks();
    const before = stamp();
    pass(10_000);
    time.wall += DAY_MS;
    const between = stamp();
    pass(10_000);
    time.wall -= DAY_MS;
    pass(10_000);
    expect([clock.ageMs(before), clock.ageMs(between)]).toEqual([30_000, 20_000]);
  });

  test("of another's that is still to come is below 0, and of no time it is none", () => {
    const { clock, stamp } = clocks();
    stamp();
    expect(clock.ageMs(new Date(START + 90_000).toISOString())).toBe(-90_000);
    expect([clock.ageMs("soon"), clock.ageMs(undefined)]).toEqual([Number.NaN, Number.NaN]);
  });

  test("leaves out a sleep of the machine: nobody lived through it", () => {
    const { time, clock, pass, stamp } = clocks();
    const before = stamp();
    pass(1000);
    time.wall += 8 * 3_600_000;
    pass(1000);
    expect(clock.ageMs(before)).toBe(2000);
  });
});

test("a node has its stamps as today's clock would have them, and is itself while nobody set that", () => {
  const { time, clock, pass, stamp } = clocks();
  const at = stamp();
  const node = new Stage({ phase: "Running", podDeletion: { uid: "x", at } }).node();
  pass(10_000);
  expect(clock.steadied(node)).toBe(node);
  time.wall -= DAY_MS;
  const { podDeletion } = clock.steadied(node).status;
  expect(clock.wall() - Date.parse(podDeletion?.at ?? "")).toBe(10_000);
});
