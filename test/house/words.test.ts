/** Errors say what was got and what was wanted, each once, and name it. */
import { expect, test } from "bun:test";
import { sourcesIn } from "./sources.ts";

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ["a want without a got", /: want [^}]/],
  ["a want that names nothing", /want (?:one|some)(?:[."'`]|, )/],
  ["an answer that is wanted", /want an answer/],
];

/** Lines that say something, without those that are comments. */
const said = (await sourcesIn("src")).flatMap(({ path, text }) =>
  text
    .split("\n")
    .filter((line) => /["'`]/.test(line) && !/^\s*(?:\/?\*|\/\/)/.test(line))
    .map((line) => `${path}: ${line.trim()}`),
);

test.each(FAULTS)("no error has %s", (_title, fault) => {
  expect(said.filter((line) => fault.test(line))).toEqual([]);
});
