/** Whoever is on call finds every reason a node can show. */
import { expect, test } from "bun:test";
import { builtinDetectors } from "../../src/drift/index.ts";
import { conditionReasons } from "../../scripts/pages.ts";
import { ERROR_CODES, EVENT_REASONS } from "../../src/model/index.ts";
import { sourcesIn, textOf } from "./sources.ts";

const page = await textOf("docs/operations.md");
const words = new Set([...page.matchAll(/`([A-Za-z_]+)`/g)].map((match) => match[1] ?? ""));

test.each([
  ["reason of a condition", Object.keys(conditionReasons())],
  ["reason of an Event", Object.keys(EVENT_REASONS)],
])("docs/operations.md says what to do about every %s", (_title, names) => {
  expect(names.filter((name) => !words.has(name))).toEqual([]);
});

test("docs/operations.md has a section, or a row, for every type of condition", async () => {
  const files = (await Promise.all(["src/drift", "src/core", "src/model/gate"].map(sourcesIn))).flat();
  const types = files.flatMap(({ text }) =>
    [...text.matchAll(/\btype: "([A-Z]\w+)",\s*status\b|\bverdict\(\s*"(\w+)"/g)].map(
      ([, one, other]) => one ?? other ?? "",
    ),
  );
  types.push(...builtinDetectors.flatMap(({ conditionTypes }) => conditionTypes ?? []));
  expect(new Set(types).size).toBeGreaterThan(8);
  expect(
    [...new Set(types)].filter((type) => !new RegExp(`^### .*\\b${type}\\b`, "m").test(page) && !words.has(type)),
  ).toEqual([]);
});

test("the codes it names exist", () => {
  const codes = [...words].filter((word) => /^[A-Z]+(?:_[A-Z]+)+$/.test(word));
  expect(codes.length).toBeGreaterThan(3);
  expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
});

test("the metrics of its alerts exist", async () => {
  const metrics = await textOf("docs/metrics.md");
  const alerts = page.slice(page.indexOf("## Alerts"));
  const names = [...alerts.matchAll(/\b(?:sei_controller|tidekeeper|leader_election)_[a-z_]+/g)].map(([name]) => name);
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !metrics.includes(`\`${name.replace(/_(?:count|sum|bucket)$/, "")}\``))).toEqual([]);
});
