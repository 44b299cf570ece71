/** Conditions of plugins: whose they are is noted, and those of a detector that is no more go, without a storm of writes. */
import { describe, expect, test } from "bun:test";
import type { Condition, DetectorCondition } from "../../src/model/index.ts";
import { tidy } from "../../src/core/plugin-conditions.ts";
import { aPlugin, aPod, Stage } from "../fixtures/stage.ts";

const at = "2026-01-01T00:00:00Z";
const set = (type: string): Condition => ({
  type,
  status: "True",
  reason: "R",
  message: "",
  lastTransitionTime: at,
  observedGeneration: 1,
});
const DISK: DetectorCondition = { type: "DiskFull", status: "True", reason: "Full", message: "no room" };

interface Tidy {
  /** Types of the conditions that stand there, and what is noted of them. */
  readonly types: readonly string[];
  readonly noted: readonly string[];
  readonly said: readonly string[];
  readonly plugins: readonly string[];
}

test.each<[string, Tidy, readonly string[] | null]>([
  [
    "what is said is noted",
    { types: ["DiskFull"], noted: [], said: ["a/DiskFull"], plugins: ["a"] },
    ["DiskFull", "a/DiskFull"],
  ],
  [
    "what was noted is not noted twice",
    { types: ["DiskFull"], noted: ["a/DiskFull"], said: ["a/DiskFull"], plugins: ["a"] },
    null,
  ],
  ["what is not said this time stays", { types: ["DiskFull"], noted: ["a/DiskFull"], said: [], plugins: ["a"] }, null],
  [
    "what nobody says any more goes",
    { types: ["DiskFull", "Ready"], noted: ["a/DiskFull"], said: [], plugins: [] },
    ["Ready"],
  ],
  [
    "what another says now stays",
    { types: ["DiskFull"], noted: ["a/DiskFull"], said: ["b/DiskFull"], plugins: ["b"] },
    ["DiskFull", "b/DiskFull"],
  ],
  ["what was said and is not there is not noted", { types: [], noted: [], said: ["a/DiskFull"], plugins: ["a"] }, null],
  ["what is nobody's stays", { types: ["Theirs"], noted: [], said: [], plugins: [] }, null],
])("%s", (_title, { types, noted, said, plugins }, want) => {
  const next = tidy(
    { conditions: types.map((type) => set(type)), pluginConditions: noted },
    { said: new Set(said), plugins: new Set(plugins) },
  );
  const left = (next?.conditions ?? []).map(({ type }) => type);
  const all = next === null ? null : [...left, ...(next.pluginConditions ?? [])];
  expect(all).toEqual(want === null ? null : [...want]);
});

describe("in the loop", () => {
  const withPlugin = async (): Promise<Stage> => {
    const stage = new Stage();
    stage.detectors = [...stage.detectors, aPlugin({ name: "disk", conditions: () => [DISK], detect: () => null })];
    stage.restart();
    await stage.settle();
    return stage;
  };
  const withoutIt = async (): Promise<Stage> => {
    const stage = await withPlugin();
    stage.detectors = stage.detectors.slice(0, -1);
    stage.restart();
    stage.patches = [];
    await stage.settle();
    return stage;
  };

  test("a plugin's condition is noted in the patch that brings it", async () => {
    const stage = await withPlugin();
    expect([stage.condition("DiskFull"), stage.status.pluginConditions]).toEqual(["True/Full", ["disk/DiskFull"]]);
    expect(stage.patches.filter((patch) => "pluginConditions" in patch)).toHaveLength(1);
  });

  test("after the plugin is gone, a start alone writes nothing, and the next patch takes its condition out", async () => {
    const stage = await withoutIt();
    expect([stage.patches, stage.condition("DiskFull")]).toEqual([[], "True/Full"]);
    stage.pod = aPod("pod-2");
    stage.gate = "shut";
    stage.triggerPod();
    await stage.settle();
    expect([stage.patches.length, stage.condition("DiskFull"), stage.condition("Ready")]).toEqual([
      2,
      "none",
      "True/Ready",
    ]);
  });

  test("where no patch comes it goes within an hour, by one of its own", async () => {
    const stage = await withoutIt();
    for (let minute = 0; minute <= 60; minute += 1) {
      await stage.reconcile();
      stage.now += 60_000;
    }
    expect([stage.patches.length, stage.condition("DiskFull"), stage.status.pluginConditions]).toEqual([1, "none", []]);
  });

  test("one that is switched off is as good as gone", async () => {
    const stage = await withPlugin();
    stage.detectors = stage.detectors.map((entry) => (entry.origin === "plugin" ? { ...entry, mode: "off" } : entry));
    stage.restart();
    stage.pod = aPod("pod-2");
    stage.gate = "shut";
    stage.triggerPod();
    await stage.settle();
    expect(stage.condition("DiskFull")).toBe("none");
  });

  test("an answer that is refused is told like any other failure, and none of it is set", async () => {
    const stage = new Stage();
    const bad = { ...aPlugin({ name: "disk", conditions: () => [DISK], detect: () => null }) };
    const conditions = (): string => "conditions[0].reason: got nothing";
    stage.detectors = [...stage.detectors, { ...bad, guard: { ...bad.guard, conditions } }];
    stage.restart();
    await stage.settle();
    expect([stage.condition("DetectorFailed"), stage.condition("DiskFull")]).toEqual(["True/DetectorFailed", "none"]);
    expect(stage.events.map(({ reason }) => reason)).toContain("DetectorFailed");
    expect(stage.problems).toContain("disk: conditions[0].reason: got nothing");
  });
});
