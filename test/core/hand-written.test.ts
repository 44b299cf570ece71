/** Statuses that a hand wrote, as the loop finds and mends them. */
import { describe, expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import { aRunningStatus, Stage } from "../fixtures/stage.ts";
import { PLAN, planOf, spoilt } from "../fixtures/spoilt-status.ts";

const AT = "2026-01-01T00:00:00Z";

describe("a node that was brought up", () => {
  test.each(["Updating", "", "Pending", "Terminating", undefined])(
    "and stands at phase %p without a plan is found Running, and is not brought up again",
    async (phase) => {
      const stage = spoilt(phase === undefined ? {} : { phase });
      await stage.settle();
      expect([stage.status.phase, stage.submits, stage.status.history ?? []]).toEqual(["Running", [], []]);
      expect(stage.condition("Ready")).toBe("True/Ready");
    },
  );

  test("is told so by its gate alone, when nobody noted its image", async () => {
    const condition = { type: "SidecarReady", status: "True", reason: "Ready", message: "", lastTransitionTime: AT };
    const stage = spoilt({ phase: "Updating", currentImage: undefined, conditions: [condition] });
    await stage.settle();
    expect(stage.status.phase).toBe("Running");
    expect(stage.status.history?.map(({ detector }) => detector)).not.toContain("init");
  });

  test("once anew is not believed to be up again: a person decides", async () => {
    const stage = spoilt({ phase: "Updating", reinitialized: "once" });
    await stage.settle();
    expect([stage.status.phase, stage.condition("Stalled")]).toEqual(["Failed", "True/InitFailed"]);
    expect(stage.submits).toEqual([]);
  });

  test("is left alone by who only observes", async () => {
    const stage = spoilt({ phase: "Updating" });
    stage.mode = "observe";
    await stage.reconcile();
    expect(stage.status.phase).toBeUndefined();
    expect(stage.submits).toEqual([]);
  });
});

test("a node at phase Updating that nobody ever saw run is brought up", async () => {
  const stage = new Stage({ phase: "Updating" });
  await stage.settle();
  const ended = stage.status.history?.at(-1);
  expect([stage.status.phase, ended?.detector, ended?.outcome]).toEqual(["Running", "init", "Complete"]);
});

test.each([
  ["is gone", {}],
  [
    "is corrupt",
    { plan: { ...planOf(["mark-ready"]), id: "7f2c1f9e-8f2b-4c64-9d0c-000000000000", failedPhase: "Failed" } },
  ],
])("init whose plan %s is not begun anew unasked: nobody knows how far it came", async (title, more) => {
  const stage = new Stage({ phase: "Initializing", currentImage: "seid:v1", ...more });
  await stage.settle();
  expect([stage.status.phase, stage.condition("Stalled")]).toEqual(["Failed", "True/InitFailed"]);
  expect(stage.submits).toEqual([]);
  const told = stage.status.conditions?.find(({ type }) => type === "Stalled")?.message ?? "";
  expect(told).toContain(title === "is corrupt" ? "CorruptPlan: task 0: id " : "failed");
  stage.annotate({ "tidekeeper.sei.io/reinitialize": "yes" });
  await stage.settle();
  const ended = stage.status.history?.at(-1);
  expect([stage.status.phase, ended?.detector, ended?.outcome]).toEqual(["Running", "init", "Complete"]);
});

test("a plan with a task type that nobody knows fails before its first effect, and the next plan heals", async () => {
  const stage = new Stage({ ...aRunningStatus(), plan: planOf(["mark-ready", "brew-coffee"]) });
  stage.gate = "shut";
  await stage.settle();
  stage.now += 10_000;
  await stage.settle();
  expect(stage.submits.map(({ id }) => id)).not.toContain(taskId(PLAN, "mark-ready", 0));
  const [failed, healing] = stage.status.history ?? [];
  expect(failed?.message).toBe("task mark-ready: UNKNOWN_TASK: task type brew-coffee is not known to this version");
  expect(healing).toMatchObject({ detector: "sidecar-ready", outcome: "Complete" });
});

test("two hundred conditions of others, endless messages and doubles stand in nobody's way", async () => {
  const foreign = Array.from({ length: 200 }, (_none, index) => ({
    type: `Foreign${index}`,
    status: "Unknown",
    reason: "Odd",
    message: "x".repeat(10_000),
    lastTransitionTime: AT,
    observedGeneration: 0,
  }));
  const stale = { ...foreign[0], type: "SidecarReady", status: "True" };
  const stage = new Stage({ ...aRunningStatus(), conditions: [stale, ...foreign, stale, { type: "Half" }] });
  stage.gate = "shut";
  await stage.settle();
  expect(stage.submits.map(({ type }) => type)).toEqual(["mark-ready"]);
  const types = stage.status.conditions?.map(({ type }) => type) ?? [];
  expect(types).toHaveLength(new Set(types).size);
  expect(stage.status.conditions).toEqual(expect.arrayContaining(foreign));
  expect(stage.condition("SidecarReady")).toBe("True/Ready");
  expect(JSON.stringify(stage.events).length).toBeLessThan(2000);
});

test("a spec that changes every 100 ms gets at most one plan for each generation that was seen", async () => {
  const stage = new Stage();
  await stage.settle();
  const plans = new Map<string, unknown>();
  for (let change = 0; change < 50; change += 1) {
    stage.edit({ image: `seid:v${change}` });
    for (let at = 0; at < 3; at += 1) {
      await stage.reconcile();
      const { plan: stored, observedGeneration } = stage.status;
      if (stored?.phase === "Active" && !plans.has(stored.id)) plans.set(stored.id, observedGeneration);
    }
    stage.now += 100;
  }
  expect(plans.size).toBeGreaterThan(0);
  expect(new Set(plans.values()).size).toBe(plans.size);
});
