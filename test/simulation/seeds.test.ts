/** Seeded faults of the controller: every law holds, and every node comes to rest. */
import { expect, test } from "bun:test";
import { trial } from "./trial.ts";

/** SEED=n runs that one alone; SEEDS=n so many of them, from FROM=n on. */
const only = process.env["SEED"];
const first = Number(process.env["FROM"] ?? "1");
const seeds =
  only === undefined
    ? Array.from({ length: Number(process.env["SEEDS"] ?? "24") }, (_, index) => first + index)
    : [Number(only)];

test.each(seeds)("seed %d: whatever befalls the controller, every law holds and every node comes to rest", (seed) => {
  const { breaches, log } = trial(seed);
  if (breaches.length > 0) {
    const shown = only === undefined ? log.slice(-15) : log;
    console.error([...shown, `replay: SEED=${seed} bun test ./test/simulation/seeds.test.ts`].join("\n"));
  }
  expect(breaches).toEqual([]);
});

test("a seed runs the same way twice", () => {
  expect(trial(7)).toEqual(trial(7));
});
