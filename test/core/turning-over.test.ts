/** The history of an earlier version goes over into `status.outcomes`, whichever of CRD and program is newer. */
import { describe, expect, test } from "bun:test";
import { outcomeLine, taskId } from "../../src/model/index.ts";
import { aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

const PLAN = "7f2c1f9e-8f2b-4c64-9d0c-0d7a3c1f2e4b";
const TASK = "mark-ready";

/** A plan for the gate as earlier versions noted its end, so many seconds before the stage begins. */
function ended(secondsAgo: number, more: object = {}): object {
  const at = new Date(Date.parse("2026-01-01T00:00:00Z") - secondsAgo * 1000).toISOString();
  const plan = { id: `${String(secondsAgo).padStart(8, "0")}-0000-4000-8000-000000000000`, detector: "sidecar-ready" };
  const failed = { reason: "SidecarNotReady", outcome: "Failed", healed: false };
  return { ...plan, ...failed, createdAt: at, finishedAt: at, generation: 1, ...more };
}

function shut(status: object): Stage {
  const stage = new Stage({ ...aRunningStatus(), ...status });
  stage.gate = "shut";
  return stage;
}

function endings({ status }: Stage): readonly string[] {
  return (status.history ?? []).map(({ id, outcome }) => `${id} ${outcome}`);
}

/** An Active plan that an earlier version left. */
function activePlan(): object {
  const task = { type: TASK, id: taskId(PLAN, TASK, 0), status: "Pending", params: {} };
  return { id: PLAN, phase: "Active", detector: "sidecar-ready", targetPhase: "Running", tasks: [task] };
}

describe("where the CRD is new", () => {
  test("the first patch that is sent anyway has the lines, the next one takes the objects out", async () => {
    const stage = shut({ history: [ended(900), ended(600, { healed: true })] });
    await stage.settle();
    const [first = {}, second = {}] = stage.patches;
    expect(first).toMatchObject({
      outcomes: [expect.stringContaining("00000900"), expect.stringContaining("00000600")],
    });
    expect(first).not.toHaveProperty("history");
    expect(second).toMatchObject({ plan: null, history: null, outcomes: expect.any(Array) });
    expect(stage.patches.filter((patch) => (patch["history"] ?? null) !== null)).toEqual([]);
    expect(stage.raw.status["history"]).toBeUndefined();
    expect(endings(stage)).toEqual(["00000900 Failed", "00000600 Failed", "00000001 Complete"]);
  });

  test("an idle node is not written to", async () => {
    const stage = new Stage();
    await stage.settle();
    delete stage.raw.status["outcomes"];
    stage.raw.status["history"] = [ended(900)];
    stage.patches = [];
    stage.restart();
    await stage.settle();
    expect(stage.patches).toEqual([]);
  });

  test("the back-off of the earlier version stands, before and after", async () => {
    const stage = shut({ history: [ended(30), ended(5)] });
    await stage.reconcile();
    expect([stage.submits, stage.status.plan ?? null]).toEqual([[], null]);
    expect(stage.raw.status["outcomes"]).toHaveLength(2);
    stage.restart();
    await stage.reconcile();
    expect(stage.submits).toEqual([]);
    stage.now += 20_000;
    await stage.settle();
    expect(stage.submits).toHaveLength(1);
  });

  test("the grace of a gate that was just opened stands, before and after", async () => {
    const life = { podUid: "pod-1", containerId: aPod("pod-1").containers[0]?.containerId ?? "", restartCount: 0 };
    const stage = shut({ history: [ended(4, { outcome: "Complete", healed: true, incarnation: life })] });
    await stage.reconcile();
    stage.restart();
    await stage.reconcile();
    expect([stage.submits, stage.raw.status["outcomes"]]).toEqual([[], [expect.stringContaining("pod=pod-1")]]);
    stage.now += 10_000;
    await stage.settle();
    expect(stage.submits).toHaveLength(1);
  });

  test("what an earlier version noted since comes after what is there, and nothing comes twice", async () => {
    const before = new Stage({ ...aRunningStatus(), history: [ended(900), ended(600)] }).status.history ?? [];
    const outcomes = before.map((record) => outcomeLine(record));
    const stage = shut({ outcomes, history: [ended(600), ended(300, { healed: true })] });
    expect(endings(stage)).toEqual(["00000900 Failed", "00000600 Failed", expect.stringMatching(/^00000300.* Failed/)]);
    await stage.settle();
    expect(stage.patches[0]).toMatchObject({ history: null, outcomes: { length: 3 } });
    expect(endings(stage)).toHaveLength(4);
  });
});

describe("where the CRD is older", () => {
  test("nothing is done, CRDTooOld names the field, and nothing of the history is lost", async () => {
    const history = [ended(900), ended(600, { healed: true })];
    const stage = shut({ history });
    stage.pruned.add("outcomes");
    for (let minute = 0; minute < 4; minute += 1) {
      await stage.settle();
      stage.now += 61_000;
    }
    expect([stage.submits, stage.raw.status["history"]]).toEqual([[], history]);
    expect(stage.condition("Stalled")).toBe("True/CRDTooOld");
    expect(stage.status.conditions?.find(({ type }) => type === "Stalled")?.message).toContain("status.outcomes");
    stage.pruned.clear();
    await stage.settle();
    expect(stage.submits).toHaveLength(1);
    expect(endings(stage)).toEqual(["00000900 Failed", "00000600 Failed", "00000001 Complete"]);
    expect([stage.raw.status["history"], stage.condition("Stalled")]).toEqual([undefined, "False/NotStalled"]);
  });

  test("a plan that an earlier version left is neither carried on nor ended, also by a pause, until its end is kept", async () => {
    const stage = shut({ plan: activePlan(), history: [ended(900)] });
    stage.raw.spec = { ...stage.raw.spec, paused: true };
    stage.pruned.add("outcomes");
    for (let minute = 0; minute < 3; minute += 1) {
      await stage.settle();
      stage.now += 61_000;
    }
    expect([stage.status.plan?.id, endings(stage).length, stage.submits]).toEqual([PLAN, 1, []]);
    stage.pruned.clear();
    await stage.settle();
    expect([stage.status.plan ?? null, endings(stage).at(-1)]).toEqual([null, "7f2c1f9e Superseded"]);
  });

  test("a gate that is seen open late is not seen before that can be kept", async () => {
    const life = { podUid: "pod-1", containerId: "", restartCount: 0 };
    const stage = shut({ history: [ended(900, { outcome: "Complete", incarnation: life })] });
    stage.raw.status["readinessTransitions"] = [{ to: "NotReady", at: "2025-12-31T00:00:00Z" }];
    stage.gate = "open";
    stage.pruned.add("outcomes");
    await stage.settle();
    expect(stage.status.history?.[0]?.healed).toBe(false);
    stage.pruned.clear();
    stage.now += 61_000;
    await stage.settle();
    expect([stage.status.history?.[0]?.healed, stage.condition("Ready")]).toEqual([true, "True/Ready"]);
  });

  test("a node that is deleted is taken down all the same", async () => {
    const stage = shut({ plan: activePlan(), history: [ended(900)] });
    stage.pruned.add("outcomes");
    stage.raw.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    await stage.reconcile();
    [stage.statefulSet, stage.service, stage.claim] = [null, null, null];
    await stage.reconcile();
    expect(stage.raw.metadata["finalizers"]).toEqual([]);
  });
});

test("a new node is asked with its first plan, without a patch of its own", async () => {
  const stage = shut({});
  await stage.settle();
  expect(stage.patches.map((patch) => Object.keys(patch).includes("outcomes"))).toEqual([true, true]);
  expect(stage.patches[0]).toMatchObject({ outcomes: [], plan: { phase: "Active" } });
});
