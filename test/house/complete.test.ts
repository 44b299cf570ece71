/** What is added in one place and forgotten in another: flags, metrics, tasks of the sidecar, kinds that are watched. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RESOURCES } from "../../src/controller/index.ts";
import { FLAGS } from "../../src/config/index.ts";
import { executorRules, tasks } from "../../src/executor/index.ts";
import { nodeRules } from "../../src/seinode/crd/index.ts";
import { metricNames, specOf } from "../../src/telemetry/index.ts";
import { ROOT, sourcesIn, textOf } from "./sources.ts";

test("every option that a flag fills is used somewhere", async () => {
  const code = (await sourcesIn("src")).filter(({ path }) => !path.startsWith("src/config/")).map(({ text }) => text);
  // It is read into `namespace`.
  const read: Readonly<Record<string, readonly string[]>> = {
    run: ["allNamespaces"],
    drift: ["allNamespaces"],
    get: ["allNamespaces"],
    doctor: ["allNamespaces"],
  };
  const unused = Object.entries(FLAGS).flatMap(([command, flags]) =>
    Object.keys(flags)
      .filter((option) => !(read[command] ?? []).includes(option))
      .filter((option) => !code.some((text) => new RegExp(`\\b${option}\\b`).test(text)))
      .map((option) => `${command}: ${option}`),
  );
  expect(unused, "use it where the command runs, such as src/cli/run.ts").toEqual([]);
});

test("every metric is measured somewhere", async () => {
  const lists = ["src/telemetry/catalogue.ts", "src/telemetry/runtime-metrics.ts"];
  const code = (await sourcesIn("src")).filter(({ path }) => !lists.includes(path)).map(({ text }) => text);
  const unmeasured = metricNames()
    .filter((name) => !("fromNodes" in specOf(name)))
    .filter((name) => !code.some((text) => text.includes(`"${name}"`)));
  expect(unmeasured, "count, set or observe it where it happens").toEqual([]);
});

test("every task has a file of its own", () => {
  const bare = tasks.filter(({ type }) => !existsSync(join(ROOT, `src/executor/tasks/${type}.ts`)));
  expect(bare.map(({ type }) => type)).toEqual([]);
});

describe("every kind that is mirrored", () => {
  const kinds = Object.entries(RESOURCES);

  test("may be read, listed and watched", () => {
    const may = (group: string, plural: string, verb: string): boolean =>
      nodeRules(executorRules).some(
        ({ apiGroups, resources, verbs }) =>
          apiGroups.includes(group) && resources.includes(plural) && verbs.includes(verb),
      );
    const denied = kinds.filter(
      ([, { group, plural }]) => !["get", "list", "watch"].every((verb) => may(group, plural, verb)),
    );
    expect(denied, "add a rule to src/seinode/crd/rbac.ts").toEqual([]);
  });

  test.each([
    ["triggers its node", "src/controller/triggers.ts", (kind: string) => `caches.${kind}.reader.subscribe`],
    ["is read live before proof is taken", "src/controller/read-owned-live.ts", (kind: string) => `RESOURCES.${kind},`],
  ])("%s (%s)", async (_title, path, wanted) => {
    const text = await textOf(path);
    // The node itself is read by the writer of its status.
    const missing = kinds.filter(([kind]) => kind !== "nodes" && !text.includes(wanted(kind)));
    expect(missing.map(([kind]) => kind)).toEqual([]);
  });
});
