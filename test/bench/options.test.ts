/** The flags of the benchmark. */
import { expect, test } from "bun:test";
import { areKept, readOptions } from "../../bench/options.ts";

const program = import.meta.path;

test.each([
  ["no history but two", ["--history", "some"], "--history: got some, want full or empty"],
  ["rounds of one program", ["--rounds", "3"], "--rounds: got no --versus FILE beside it"],
  ["no whole number of rounds", ["--versus", program, "--rounds", "0"], "--rounds: got 0, want a whole number"],
  ["a program that is not there", ["--versus", "/not/there"], "--versus: got /not/there, want a program that is there"],
])("refused: %s", (_title, args, why) => {
  expect(() => readOptions(args)).toThrow(why);
});

test.each([
  ["as it is", [], true],
  ["two programs, ten rounds", ["--versus", program], true],
  ["fewer rounds", ["--versus", program, "--rounds", "9"], false],
  ["another number of nodes", ["--nodes", "50"], false],
  ["another program", ["--program", program], false],
  ["nodes that remember little", ["--history", "empty"], false],
])("figures are kept: %s", (_title, args, want) => {
  expect(areKept(readOptions(args))).toBe(want);
});
