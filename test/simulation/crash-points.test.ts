/** The process is killed at every effect; CRASHES=pairs kills it twice, at every pair of them; by hand, it takes an hour. */
import { expect, test } from "bun:test";
import { type Crash, differences, moments, runCrashes, singleCrashes } from "./crash-points.ts";

const reference = runCrashes([]);

test("without a crash all work is done, and nothing is broken", () => {
  expect(reference.breaches).toEqual([]);
  expect(reference.effects.length).toBeGreaterThan(20);
});

test("the same run has the same effects and ends the same", () => {
  expect(runCrashes([])).toEqual(reference);
});

test.each(moments)("killed at every effect, %s: it ends as without, by the same effects", (moment) => {
  const crashes = singleCrashes(reference.effects.length).filter((crash) => crash.moment === moment);
  expect(crashes.flatMap((crash) => wrong([crash]))).toEqual([]);
});

// Not a test that is skipped, since a skip is a failure where all is required.
if (process.env["CRASHES"] === "pairs") test("killed twice: it ends as without, by the same effects", killedTwice);

function killedTwice(): void {
  // The second crash is of a run that the first has made longer.
  const singles = singleCrashes(reference.effects.length);
  const pairs = singles.flatMap((first) =>
    singles.map((second) => [first, { ...second, at: second.at + first.at + 1 }] as const),
  );
  const stride = Number(process.env["STRIDE"] ?? "1");
  expect(pairs.filter((_, index) => index % stride === 0).flatMap((pair) => wrong(pair))).toEqual([]);
}

function wrong(crashes: readonly Crash[]): readonly string[] {
  const where = crashes.map(({ at, moment }) => `${at} ${moment}`).join(" and ");
  return differences(reference, runCrashes(crashes)).map((line) => `at ${where}: ${line}`);
}
