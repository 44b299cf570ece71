/** Links of the documents lead somewhere. */
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { Glob } from "bun";
import { textOf } from "./sources.ts";

const root = join(import.meta.dir, "../..");
const pages = [
  "README.md",
  "CHANGELOG.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ...new Glob("docs/**/*.md").scanSync(root),
].toSorted();

/** Relative targets of `[text](target)`, without their fragments. */
function targetsOf(page: string): readonly string[] {
  const targets = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return targets.filter((target) => !/^(?:https?:|#)/.test(target)).map((target) => target.replace(/#.*$/, ""));
}

test.each(pages)("%s", async (page) => {
  const lost = targetsOf(await textOf(page)).filter((target) => !existsSync(join(root, dirname(page), target)));
  expect(lost).toEqual([]);
});

test("docs/README.md lists every page beside it", async () => {
  const listed = targetsOf(await textOf("docs/README.md"));
  const beside = [...new Glob("*.md").scanSync(join(root, "docs"))].filter((page) => page !== "README.md");
  expect(beside.filter((page) => !listed.includes(page))).toEqual([]);
});

test("files of ours that pages name are there; design pages are history and may name what was", async () => {
  const named = new Set<string>();
  for (const page of pages.filter((path) => !path.startsWith("docs/design/"))) {
    // A diff may make a file; that it fits has a test of its own: examples.test.ts.
    const paths = (await textOf(page))
      .replaceAll(/^```diff\n[\s\S]*?^```$/gm, "")
      .matchAll(/\b(?:src|test|scripts|bench|examples)\/[\w./-]+\.(?:ts|sh|yaml|svg)\b/g);
    for (const [path] of paths) named.add(path);
  }
  // In capitals stands what a reader puts in.
  const isPattern = (path: string): boolean => /\b[A-Z]{4,}\b/.test(path);
  expect([...named].filter((path) => !isPattern(path) && !existsSync(join(root, path)))).toEqual([]);
});

test("design pages that the code names are there", async () => {
  const named = new Set<string>();
  for (const path of new Glob("{src,test,scripts}/**/*.ts").scanSync(root)) {
    for (const [match] of (await textOf(path)).matchAll(/docs\/design\/\d{4}[\w-]*\.md/g)) named.add(match);
  }
  expect([...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
