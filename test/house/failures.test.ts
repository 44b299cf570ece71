/** Every test that docs/design/0013-failures-of-plans.md names is there, by its title. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, textOf } from "./sources.ts";

const page = await textOf("docs/design/0013-failures-of-plans.md");
const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:failure|---) /.test(line));
const named = rows.map((row) => {
  const [, path = "", title = ""] = /`(test\/[\w/-]+\.test\.ts)`: (.+) \|$/.exec(row) ?? [];
  return [path, title] as const;
});

test("every failure has its test", () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((_row, index) => named[index]?.[0] === "")).toEqual([]);
});

test.each(named)("%s: %s", async (path, title) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
  // Not the text itself: a failure would print the whole file.
  expect((await textOf(path)).includes(title)).toBe(true);
});
