/** A failing seed is made smaller, and the line that runs it again says all that differs from the seed's own. */
import { expect, test } from "bun:test";
import { faultNames } from "./swarm/faults.ts";
import { drawn, runSeed, type SeedOptions } from "./swarm/seed.ts";
import { kindOf, replayLine, shrink } from "./swarm/shrink.ts";

const whole: SeedOptions = { seed: 7, nodes: 10, minutes: 10, faults: ["a", "b", "c", "d", "e", "f", "g"] };

test("only what it takes to fail is left", () => {
  const fails = ({ faults, nodes, minutes }: SeedOptions): boolean =>
    faults.includes("c") && faults.includes("f") && nodes >= 2 && minutes >= 4;
  expect(shrink(whole, fails)).toEqual({ seed: 7, nodes: 2, minutes: 4, faults: ["c", "f"] });
});

test("what fails in no smaller way stays as it is", () => {
  expect(shrink(whole, () => false)).toEqual(whole);
});

test("it is tried no more often than was said", () => {
  let tries = 0;
  shrink(whole, () => (tries += 1) < 0, 5);
  expect(tries).toBe(5);
});

test.each([
  ["of the seed alone", whole, "bun run simulate --seed 7"],
  [
    "with all that differs",
    { ...whole, nodes: 2, minutes: 4, faults: ["c"] },
    'bun run simulate --seed 7 --nodes 2 --minutes 4 --faults "c"',
  ],
])("the line that runs it again: %s", (_title, options, line) => {
  expect(replayLine(options, whole)).toBe(line);
});

test.each([
  ["owned often: Pod of n1", "owned often:"],
  ["conditions n1: Ready", "conditions"],
  ["rest n1 is not at rest", "rest"],
])("%s fails as %s does", (breach, kind) => {
  expect(kindOf(breach)).toBe(kind);
});

test("the same seed runs the same way twice, and another one another way", () => {
  const [one, again, other] = [drawn(3, 3, 2), drawn(3, 3, 2), drawn(4, 3, 2)].map((options) => runSeed(options));
  expect(again).toEqual(one);
  expect(other?.trace).not.toBe(one?.trace);
});

test("every fault is drawn by some seed, and none by all", () => {
  const seeds = Array.from({ length: 100 }, (_, seed) => new Set(drawn(seed).faults));
  const share = (name: string): number => seeds.filter((faults) => faults.has(name)).length;
  expect(faultNames.filter((name) => share(name) === 0 || share(name) === 100)).toEqual([]);
});
