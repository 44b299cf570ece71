/** Defects that reading found, each with the story it would have told. */
import { expect, test } from "bun:test";
import { builtinDetectors } from "../../src/drift/index.ts";
import { taskId } from "../../src/model/index.ts";
import { aPod, aRunningStatus, aStatefulSet, Stage } from "../fixtures/stage.ts";

const PLAN = "7f2c1f9e-8f2b-4c64-9d0c-0d7a3c1f2e4b";

/** An Active plan as the reference writes one: no detector, no time, no life of a sidecar. */
function takenOver(types: readonly string[], done = 0, more: object = {}): object {
  const tasks = types.map((type, index) => ({
    type,
    id: taskId(PLAN, type, index),
    status: index < done ? "Complete" : "Pending",
    params: {},
  }));
  return { id: PLAN, phase: "Active", targetPhase: "Running", tasks, ...more };
}

function replacePod(stage: Stage): void {
  stage.pod = aPod("pod-2");
  stage.gate = "shut";
  stage.triggerPod();
}

async function healthy(): Promise<Stage> {
  const stage = new Stage();
  await stage.settle();
  stage.patches = [];
  return stage;
}

function endings(stage: Stage): readonly (readonly [string, string])[] {
  return (stage.status.history ?? []).map(({ detector, outcome }) => [detector, outcome] as const);
}

test("a plan taken over from the reference opens the gate on the volume that the node runs on", async () => {
  const stage = new Stage({ phase: "Running", currentImage: "seid:v1", plan: takenOver(["mark-ready"]) });
  stage.statefulSet = { ...aStatefulSet("v1"), isOfReference: true, ownedDigest: null };
  stage.gate = "shut";
  await stage.settle();
  expect(endings(stage)).toEqual([["unknown", "Complete"]]);
  expect(stage.submits.map(({ id }) => id)).toEqual([taskId(PLAN, "mark-ready", 0)]);
  expect(stage.status.dataVolume).toEqual({ claimName: "data-node", uid: "claim-1" });
});

test("an init plan taken over after its volume was made does not fail the node for a volume nobody noted", async () => {
  const plan = takenOver(["ensure-data-pvc", "mark-ready"], 1, { failedPhase: "Failed" });
  const stage = new Stage({ phase: "Initializing", currentImage: "seid:v1", plan });
  stage.gate = "shut";
  await stage.settle();
  expect(stage.status.phase).toBe("Running");
  expect(stage.status.dataVolume?.uid).toBe("claim-1");
});

test("a plan taken over that never reaches its goal is given up 15 min after it was first tried", async () => {
  const stage = new Stage({ ...aRunningStatus(), plan: takenOver(["observe-image", "mark-ready"]) });
  stage.statefulSet = null;
  for (let minute = 0; minute < 17 && stage.status.plan?.id === PLAN; minute += 1) {
    await stage.reconcile();
    stage.now += 60_000;
  }
  expect(stage.status.history?.[0]).toMatchObject({ id: PLAN.slice(0, 8), outcome: "Failed" });
  expect(stage.status.history?.[0]?.message).toContain("DEADLINE_EXCEEDED");
});

test("a pause ends the plan of a Running node, and a new one follows when it is over", async () => {
  const stage = await healthy();
  replacePod(stage);
  stage.opens = false;
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  expect(stage.status.plan?.phase).toBe("Active");
  stage.edit({ paused: true });
  await stage.reconcile();
  expect(stage.status.plan ?? null).toBeNull();
  expect(endings(stage)).toEqual([["image", "Superseded"]]);
  stage.now += 3_600_000;
  stage.edit({ paused: false });
  await stage.reconcile();
  expect(stage.status.plan?.detector).toBe("image");
});

test("an hour's pause in the middle of init does not use up the time of its task", async () => {
  const plan = takenOver(["observe-image", "mark-ready"], 0, { failedPhase: "Failed" });
  const stage = new Stage({ phase: "Initializing", dataVolume: { claimName: "data-node", uid: "claim-1" }, plan });
  stage.statefulSet = null;
  await stage.reconcile();
  stage.edit({ paused: true });
  await stage.reconcile();
  stage.now += 3_600_000;
  stage.edit({ paused: false });
  await stage.reconcile();
  expect([stage.status.phase, stage.status.plan?.id]).toEqual(["Initializing", PLAN]);
});

test("a patch that is refused keeps its back-off when a plan was superseded in the same reconcile", async () => {
  const stage = await healthy();
  stage.edit({ image: "seid:v2" });
  stage.pod = null;
  await stage.reconcile();
  stage.edit({ image: "seid:v3" });
  stage.mode = "observe";
  await stage.reconcile();
  stage.mode = "act";
  const rests: (number | null)[] = [];
  for (let at = 0; at < 5; at += 1) {
    stage.patchReplies = ["refused"];
    rests.push(await stage.reconcile());
  }
  expect(rests.every((rest) => rest !== null && rest > 0)).toBe(true);
  expect(rests.at(-1)).toBeGreaterThan(rests[0] ?? 0);
});

test("a gate that is shut on purpose while the reply to the plan was lost is not opened by that plan", async () => {
  const stage = await healthy();
  replacePod(stage);
  stage.patchReplies = ["lostStored"];
  await stage.reconcile();
  expect([stage.status.plan?.phase, stage.submits.length]).toEqual(["Active", 0]);
  const submittedAt = new Date(stage.now).toISOString();
  stage.tasks.set("x", { type: "mark-not-ready", status: "completed", submittedAt, run: 1, error: null });
  stage.now += 1000;
  await stage.reconcile();
  expect(stage.submits).toEqual([]);
  expect(endings(stage)).toEqual([["sidecar-ready", "Superseded"]]);
});

test("a clock that was set back by a day does not hold the next plan back for a day", async () => {
  const stage = await healthy();
  replacePod(stage);
  stage.rejects = true;
  await stage.settle();
  expect(endings(stage)).toEqual([["sidecar-ready", "Failed"]]);
  stage.rejects = false;
  stage.now -= 86_400_000;
  stage.restart();
  await stage.settle();
  expect(endings(stage).at(-1)).toEqual(["sidecar-ready", "Complete"]);
});

test("in observe mode an Active plan that somebody left is not touched, and observing goes on", async () => {
  const stage = new Stage({ ...aRunningStatus(), plan: takenOver(["mark-ready"]) });
  stage.mode = "observe";
  stage.gate = "shut";
  const rest = await stage.reconcile();
  expect(rest).toBeLessThanOrEqual(11_000);
  expect([stage.status.plan?.id, stage.submits.length]).toEqual([PLAN, 0]);
  expect(stage.condition("SidecarReady")).toBe("False/NotReady");
});

test("in observe mode a detector that acts plans nothing, and the condition tells what it would do", async () => {
  const stage = await healthy();
  stage.mode = "observe";
  replacePod(stage);
  for (let poll = 0; poll < 3; poll += 1) {
    await stage.reconcile();
    stage.now += 10_000;
  }
  expect(stage.condition("Drift")).toBe("True/SidecarNotReady");
  expect([stage.status.plan ?? null, stage.submits.length, stage.writes]).toEqual([null, 0, 0]);
});

test("the Event of a failing detector that a crash swallowed is told after the restart, under the same name", async () => {
  const stage = new Stage();
  const broken = { ...builtinDetectors[0], name: "broken", detect: () => Object.freeze(boom()) };
  const [first] = stage.detectors;
  if (first === undefined) throw new Error("no detector");
  stage.detectors = [...stage.detectors, { ...first, detector: broken, origin: "plugin", onFailure: "skip" }];
  stage.restart();
  await stage.reconcile();
  const named = (): readonly string[] =>
    stage.events.filter(({ reason }) => reason === "DetectorFailed").map(({ transition }) => transition);
  const before = named();
  expect(before.length).toBe(1);
  stage.events = [];
  stage.now += 1000;
  stage.restart();
  await stage.reconcile();
  expect(named()).toEqual(before);
});

function boom(): never {
  throw new Error("boom");
}

test("a spec that was edited while a plan was under way is not told Ready before somebody judged it", async () => {
  const stage = new Stage({ ...aRunningStatus(), applied: { generation: 1, statefulSet: "v1", service: "service" } });
  stage.service = null;
  // The plan is stored and its reply is lost, so it is carried on by the next reconcile, under the edited spec.
  stage.patchReplies = ["lostStored"];
  await stage.reconcile();
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  expect([stage.condition("Ready"), stage.condition("Reconciling"), stage.status.plan ?? null]).toEqual([
    "False/SpecNotApplied",
    "True/Progressing",
    null,
  ]);
  await stage.reconcile();
  expect([stage.status.plan?.reason, stage.condition("Ready")]).toEqual(["ImageChanged", "False/SpecNotApplied"]);
});
