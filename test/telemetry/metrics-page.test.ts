/** The catalogue of metrics and docs/metrics.md say the same. */
import { expect, test } from "bun:test";
import { metricNames, specOf } from "../../src/telemetry/catalogue.ts";
import { MEND, textOf } from "../house/sources.ts";
import { metricsPage } from "../../src/telemetry/metrics-page.ts";

test("docs/metrics.md says what the catalogue says, no more and no less", async () => {
  expect(await textOf("docs/metrics.md"), MEND).toBe(metricsPage());
});

test("no two metrics share a name", () => {
  const names = metricNames().flatMap((name) => [specOf(name).prometheus]);
  expect(new Set(names).size).toBe(names.length);
});

test.each(metricNames())("%s: its Prometheus name follows from its OTLP name, unit and kind", (name) => {
  const { otel, prometheus, kind, unit } = specOf(name);
  const withUnit = `${otel.replaceAll(".", "_")}${{ s: "_seconds", By: "_bytes", "1": "" }[unit]}`;
  expect(prometheus).toBe(`${withUnit}${kind === "counter" ? "_total" : ""}`);
});

test.each(metricNames())("%s: help is a sentence, buckets rise and are a histogram's", (name) => {
  const { help, kind, buckets = [] } = specOf(name);
  expect(help).toMatch(/^[^|\n]+\.$/);
  expect(buckets.length > 0).toBe(kind === "histogram");
  expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
});
