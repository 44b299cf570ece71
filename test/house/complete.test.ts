/** What is added in one place and forgotten in another: flags, metrics, tasks of the sidecar, kinds that are watched. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RESOURCES } from "../../src/controller/index.ts";
import { FLAGS } from "../../src/config/index.ts";
import { taskTypes } from "../../src/executor/index.ts";
import { nodeRules } from "../../src/seinode/crd/index.ts";
import { isSidecarTask } from "../../src/seinode/plans/index.ts";
import { metricNames, specOf } from "../../src/telemetry/index.ts";
import { ROOT, sourcesIn, textOf } from "./sources.ts";

test("every flag is read, and belongs to a command", async () => {
  const reader = await textOf("src/config/read-config.ts");
  const table = await textOf("src/config/command-table.ts");
  const unread = Object.keys(FLAGS).filter((flag) => !new RegExp(`\\bFLAGS\\.${flag}\\b`).test(reader));
  expect(unread, "take it in src/config/read-config.ts").toEqual([]);
  const homeless = Object.keys(FLAGS).filter((flag) => !new RegExp(`\\bFLAGS\\.${flag}\\b`).test(table));
  expect(homeless, "list it with its command in src/config/command-table.ts").toEqual([]);
});

test("every metric is measured somewhere", async () => {
  const lists = ["src/telemetry/catalogue.ts", "src/telemetry/runtime-metrics.ts"];
  const code = (await sourcesIn("src")).filter(({ path }) => !lists.includes(path)).map(({ text }) => text);
  const unmeasured = metricNames()
    .filter((name) => !("fromNodes" in specOf(name)))
    .filter((name) => !code.some((text) => text.includes(`"${name}"`)));
  expect(unmeasured, "count, set or observe it where it happens").toEqual([]);
});

test("every task has a file of its own, or its params as the sidecar takes them", () => {
  const own = (type: string): boolean => existsSync(join(ROOT, `src/executor/tasks/${type}.ts`));
  const bare = taskTypes.filter((type) => !own(type) && !isSidecarTask(type));
  expect(bare, "add its params to src/seinode/plans/task-params.ts").toEqual([]);
});

describe("every kind that is mirrored", () => {
  const kinds = Object.entries(RESOURCES);

  test("may be read, listed and watched", () => {
    const may = (group: string, plural: string, verb: string): boolean =>
      nodeRules().some(
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
    ["is read live before proof is taken", "src/controller/live-look.ts", (kind: string) => `RESOURCES.${kind},`],
  ])("%s (%s)", async (_title, path, wanted) => {
    const text = await textOf(path);
    // The node itself is read by the writer of its status.
    const missing = kinds.filter(([kind]) => kind !== "nodes" && !text.includes(wanted(kind)));
    expect(missing.map(([kind]) => kind)).toEqual([]);
  });
});
