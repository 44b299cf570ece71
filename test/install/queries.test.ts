/** Alerts and dashboard name only what is exported, and Prometheus takes them and fires them when it should. */
import { describe, expect, test } from "bun:test";
import { ALERT_RULES } from "../../src/install/alert-rules.ts";
import { DASHBOARD_QUERIES } from "../../src/install/dashboard.ts";
import { metricNames, specOf } from "../../src/telemetry/index.ts";
import { describeTools, output, tool } from "./deploy-tools.ts";
import { queryNames } from "./query-names.ts";

/** Labels by every name that a scrape shows. */
const exported = new Map<string, readonly string[]>();
for (const name of metricNames()) {
  const { prometheus, kind, labels } = specOf(name);
  const parts = kind === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  for (const part of parts) exported.set(prometheus + part, part === "_bucket" ? [...labels, "le"] : labels);
}

function strangers(query: string): readonly string[] {
  const { metrics, grouped } = queryNames(query);
  const unknown = metrics.filter(({ metric }) => !exported.has(metric)).map(({ metric }) => metric);
  const wrong = metrics.flatMap(({ metric, labels }) =>
    labels.filter((label) => exported.get(metric)?.includes(label) === false).map((label) => `${metric}{${label}}`),
  );
  const has = new Set(metrics.flatMap(({ metric }) => exported.get(metric) ?? []));
  return [...unknown, ...wrong, ...grouped.filter((label) => !has.has(label)).map((label) => `by (${label})`)];
}

describe("names that nobody exports are found", () => {
  test.each<[string, string, readonly string[]]>([
    ["a metric", "max(tidekeeper_no_such_thing) == 1", ["tidekeeper_no_such_thing"]],
    ["a label of a matcher", 'tidekeeper_tls_insecure{pod="a"} == 1', ["tidekeeper_tls_insecure{pod}"]],
    ["a label to group by", "sum by (shard) (tidekeeper_tls_insecure)", ["by (shard)"]],
    ["the bucket of what is no histogram", "rate(workqueue_depth_bucket[5m])", ["workqueue_depth_bucket"]],
    ["none", 'sum by (name) (increase(workqueue_adds_total{name="a"}[5m] offset 5m)) > 0 or vector(0)', []],
  ])("%s", (_title, query, found) => {
    expect(strangers(query)).toEqual(found);
  });
});

test.each(ALERT_RULES.map((rule) => [rule.alert, rule] as const))("alert %s names what is exported", (_name, rule) => {
  expect(queryNames(rule.expr).metrics.length).toBeGreaterThan(0);
  expect(strangers(rule.expr)).toEqual([]);
});

test.each(ALERT_RULES.map((rule) => [rule.alert, rule] as const))(
  "alert %s tells labels that it has",
  (_name, rule) => {
    const told = [...rule.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? "");
    const { grouped } = queryNames(rule.expr);
    expect(told.filter((label) => !grouped.includes(label))).toEqual([]);
  },
);

test.each(DASHBOARD_QUERIES.map((query) => [query]))("dashboard: %s", (query) => {
  expect(queryNames(query).metrics.length).toBeGreaterThan(0);
  expect(strangers(query)).toEqual([]);
});

describeTools("promtool", () => {
  test("takes the rules", async () => {
    const said = await output([tool("promtool"), "check", "rules", "deploy/alerts/tidekeeper.rules.yaml"]);
    expect(said).toContain(`SUCCESS: ${ALERT_RULES.length} rules found`);
  });

  test("sees each alert fire when it should, and not before", async () => {
    const said = await output([tool("promtool"), "test", "rules", "deploy/alerts/tidekeeper.rules.test.yaml"]);
    expect(said).toContain("SUCCESS");
  });

  test("takes every query of the dashboard", async () => {
    const rules = DASHBOARD_QUERIES.map((query, index) => ({
      record: `query_${index}`,
      expr: query.replaceAll("$__rate_interval", "5m"),
    }));
    const file = `/tmp/tidekeeper-dashboard-${process.pid}.yaml`;
    await Bun.write(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    try {
      expect(await output([tool("promtool"), "check", "rules", file])).toContain(`SUCCESS: ${rules.length} rules`);
    } finally {
      await Bun.file(file).delete();
    }
  });
});
