/** docs/performance.md and its chart tell the kept figures. */
import { expect, test } from "bun:test";
import { chart } from "../../bench/chart.ts";
import { performancePage } from "../../bench/page.ts";
import { keptResults } from "../../bench/results.ts";
import { textOf } from "./sources.ts";

test("docs/performance.md and its chart tell the figures that were measured last, and no other", async () => {
  const results = await keptResults();
  expect(results.size).toBeGreaterThan(0);
  const mend = "the page is not what bench/results say. Write it anew: bun run bench --page";
  expect(await textOf("docs/performance.md"), mend).toBe(performancePage(results));
  expect(await textOf("docs/performance.svg"), mend).toBe(chart(results));
});
