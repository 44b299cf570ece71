/** What is written into `deploy` from the code is what the code says, and every alert has its page. */
import { expect, test } from "bun:test";
import { deployFiles } from "../../scripts/deploy-files.ts";
import { ALERT_RULES } from "../../src/install/index.ts";
import { MEND, textOf } from "./sources.ts";

test.each(Object.entries(deployFiles()))("%s is what it is written from", async (path, text) => {
  expect(await textOf(path), MEND).toBe(text);
});

const alerts = ALERT_RULES.map(({ alert }) => alert);

test("docs/runbooks.md has a section for every alert, and for no other", async () => {
  const page = await textOf("docs/runbooks.md");
  expect([...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)).toEqual(alerts);
});

test("every alert has a case in the unit tests of the rules, and no other has", async () => {
  const cases = await textOf("deploy/alerts/tidekeeper.rules.test.yaml");
  const named = [...cases.matchAll(/alertname: (\w+)/g)].map(([, name]) => name ?? "");
  expect([...new Set(named)].toSorted()).toEqual(alerts.toSorted());
});

test("the chart's values and their schema name the same", async () => {
  const schema: { properties: Record<string, { properties?: object }> } = JSON.parse(
    await textOf("deploy/chart/tidekeeper/values.schema.json"),
  );
  const values: Record<string, unknown> = Object(Bun.YAML.parse(await textOf("deploy/chart/tidekeeper/values.yaml")));
  // Helm puts it there for charts in charts.
  const { global: _global, ...known } = schema.properties;
  expect(Object.keys(values).toSorted()).toEqual(Object.keys(known).toSorted());
  for (const [name, { properties }] of Object.entries(known)) {
    if (properties !== undefined) {
      expect([name, Object.keys(Object(values[name])).toSorted()]).toEqual([name, Object.keys(properties).toSorted()]);
    }
  }
});
