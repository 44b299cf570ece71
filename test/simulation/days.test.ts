/** Seeded days of a fleet: no gate is opened that should stay shut. */
import { expect, test } from "bun:test";
import { day } from "./day.ts";
import { codeOf, isUnmended, unmendedDays } from "./unmended.ts";

/** DAY=n runs that one alone; DAYS=n so many of them, from FROM=n on. */
const only = process.env["DAY"];
const first = Number(process.env["FROM"] ?? "1");
const seeds =
  only === undefined
    ? Array.from({ length: Number(process.env["DAYS"] ?? "24") }, (_, index) => first + index)
    : [Number(only)];

test.each(seeds)("day %d: whatever is changed, and when, no gate is opened that should stay shut", (seed) => {
  const { breaches, log } = day(seed);
  const news = breaches.filter((breach) => !isUnmended("days", codeOf(breach)));
  if (news.length > 0 || only !== undefined) {
    const shown = only === undefined ? log.slice(-15) : log;
    console.error([...shown, `replay: DAY=${seed} bun test ./test/simulation/days.test.ts`].join("\n"));
  }
  expect(news).toEqual([]);
});

test.each(unmendedDays)("%s: day %d finds it, so it is not mended yet", (code, seed) => {
  expect(day(seed).breaches.map(codeOf)).toContain(code);
});

test("a day runs the same way twice", () => {
  expect(day(3)).toEqual(day(3));
});
