import { expect, test } from "bun:test";
import { performancePage } from "../../bench/page.ts";
import type { Results } from "../../bench/results.ts";
import { textOf } from "./sources.ts";

test("docs/performance.md tells the figures that were measured last, and no other", async () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed edge: the benchmark wrote it
  const results = JSON.parse(await textOf("bench/results/latest.json")) as Results;
  expect(await textOf("docs/performance.md")).toBe(performancePage(results));
});
