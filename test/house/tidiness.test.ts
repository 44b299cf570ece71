/** Small habits that rot unseen. */
import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { codeOf, ROOT, sourcesIn } from "./sources.ts";

const sources = await sourcesIn("src");
const tests = await sourcesIn("test");
const all = [...sources, ...tests, ...(await sourcesIn("examples")), ...(await sourcesIn("scripts"))];

test("no source is longer than 300 lines", () => {
  const long = sources.filter(({ text }) => text.trimEnd().split("\n").length > 300).map(({ path }) => path);
  expect(long).toEqual([]);
});

test("no test is left out or singled out; skipIf gives its reason", () => {
  // The one door to skipping tests of a real cluster names its reason and fails where a cluster is required.
  const odd = tests
    .filter(({ path }) => path !== "test/cluster/harness/describe-cluster.ts")
    .filter(({ text }) => /\b(?:test|describe|it)\.(?:skip|only|todo)\b/.test(codeOf(text)));
  expect(odd.map(({ path }) => path)).toEqual([]);
});

test("nothing is left to do in a comment", () => {
  // With brackets, or this file would find itself.
  const marks = /\b(?:TO[D]O|FIX[M]E|XX[X])\b/;
  expect(all.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
});

test("nothing is cited by a number of a list that is not here", () => {
  // A law, a requirement or a finding is told in words; a letter and a number tell nobody anything.
  const cited = /["`][A-Z]\d{1,2}(?:, [A-Z]\d{1,2})*: |\([QFSLX]\d{1,2}(?:(?:, | to )[QFSLX]\d{1,2})*\)/;
  expect(all.filter(({ text }) => cited.test(text)).map(({ path }) => path)).toEqual([]);
});

test("the first line of every file is a comment that says what it is", async () => {
  const files = [...sources, ...tests, ...(await sourcesIn("bench")), ...(await sourcesIn("scripts"))];
  const bare = files.filter(({ text }) => !/^(?:#![^\n]*\n)?\/\*\*(?: |\n \* )\S/.test(text)).map(({ path }) => path);
  expect(bare).toEqual([]);
});

test("files are named after the one thing they export: kebab-case, and no drawer for odds and ends", () => {
  const names = sources.map(({ path }) => path.split("/").at(-1)?.replace(/\.ts$/, "") ?? "");
  const bad = /^(?:utils?|helpers?|common|types|.*manager)$/;
  expect(names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || bad.test(name))).toEqual([]);
});

test("nothing lies in the root but its rooms and their files, and none of it is a link", async () => {
  const isKnown =
    /^(?:bench|config|deploy|docs|examples|packaging|scripts|src|test|[A-Z]+(?:\.md)?|package\.json|tsconfig\.json|bunfig\.toml|bun\.lock|\..+)$/;
  const unwritten = ["node_modules", "dist"];
  const odd = (await readdir(ROOT, { withFileTypes: true }))
    .filter(({ name }) => !unwritten.includes(name) && !name.endsWith(".log"))
    .filter((entry) => entry.isSymbolicLink() || !isKnown.test(entry.name));
  expect(odd.map(({ name }) => name)).toEqual([]);
});
