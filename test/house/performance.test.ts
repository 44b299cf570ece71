/** docs/performance.md and its chart tell the kept figures. */
import { expect, test } from "bun:test";
import { chart } from "../../bench/chart.ts";
import { performancePage } from "../../bench/page.ts";
import { keptResults } from "../../bench/results.ts";
import { textOf } from "./sources.ts";

test("docs/performance.md and its chart tell the figures that were measured last, and no other", async () => {
  const results = await keptResults();
  expect(results.size).toBeGreaterThan(0);
  expect(await textOf("docs/performance.md")).toBe(performancePage(results));
  expect(await textOf("docs/performance.svg")).toBe(chart(results));
});
