/** A node that another manager brought up, from the first reconcile until it is idle. */
import { expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import { aClaim, aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const TAKEN = ["OnDelete", "apply StatefulSet", "release StatefulSet", "apply Service", "release Service"];

/** As the reference leaves a Running node. */
function leftBehind(status: Record<string, unknown> = {}): Stage {
  const stage = new Stage({ phase: "Running", currentImage: "seid:v1", ...status });
  stage.statefulSet = { ...aStatefulSet("v1"), isOnDelete: false, isOfReference: true, ownedDigest: null };
  stage.service = { ...aService(), isOfReference: true, ownedDigest: null };
  return stage;
}

function edit(stage: Stage, image: string): void {
  stage.raw.spec = { ...stage.raw.spec, image };
}

test("becomes ours by one plan that replaces no Pod, and then nothing is written", async () => {
  const stage = leftBehind();
  await stage.settle();
  expect(stage.objectLog).toEqual(TAKEN);
  expect(stage.deletedPods).toEqual([]);
  expect(stage.status.applied).toEqual({ generation: 1, statefulSet: "v1", service: "service" });
  expect(stage.status.dataVolume).toEqual({ claimName: "data-node", uid: "claim-1" });
  expect(stage.status.history?.map(({ reason, outcome, healed }) => [reason, outcome, healed])).toEqual([
    ["TakeOver", "Complete", true],
  ]);
  expect([stage.condition("TakeOver"), stage.condition("NodeUpdateInProgress")]).toEqual(["none", "none"]);
  const written = stage.patches.length;
  for (let at = 0; at < 5; at += 1) await stage.settle();
  expect(stage.patches.length).toBe(written);
});

test("that was never stamped is stamped by what runs, before anything is applied", async () => {
  const stage = leftBehind({ currentImage: "" });
  // Of an older revision than the set: somebody edited the template by hand.
  stage.pod = aPod("pod-1", { revision: "v0" });
  await stage.settle();
  expect(stage.status.currentImage).toBe("seid:v1");
  expect([stage.objectLog, stage.deletedPods, stage.submits]).toEqual([TAKEN, [], []]);
});

test("whose Pod would be replaced is left alone but for its gate, until a person consents", async () => {
  const stage = leftBehind();
  edit(stage, "seid:v2");
  stage.gate = "shut";
  await stage.settle();
  expect(stage.condition("TakeOver")).toBe("False/ConsentNeeded");
  expect(stage.submits.map(({ type }) => type)).toEqual(["mark-ready"]);
  expect(stage.condition("SidecarReady")).toBe("True/Ready");
  expect([stage.objectLog, stage.deletedPods, stage.status.applied]).toEqual([[], [], undefined]);
  stage.annotate({ "tidekeeper.sei.io/take-over": "now" });
  await stage.reconcile();
  await stage.reconcile();
  expect(stage.objectLog).toEqual(TAKEN);
  expect(stage.deletedPods).toEqual(["pod-1"]);
  const fresh = aPod("pod-2", { revision: "v2" });
  const containers = fresh.containers.map((one) => (one.name === "seid" ? { ...one, image: "seid:v2" } : one));
  stage.pod = { ...fresh, containers };
  stage.gate = "shut";
  stage.triggerPod();
  await stage.settle();
  expect(stage.status.currentImage).toBe("seid:v2");
  expect(stage.condition("TakeOver")).toBe("True/TakenOver");
});

test("whose spec is set back to what runs is taken over as it is", async () => {
  const stage = leftBehind({ currentImage: "seid:v2" });
  edit(stage, "seid:v2");
  await stage.settle();
  expect(stage.condition("TakeOver")).toBe("False/ConsentNeeded");
  stage.edit({ image: "seid:v1" });
  await stage.settle();
  expect([stage.objectLog, stage.deletedPods]).toEqual([TAKEN, []]);
  expect(stage.status.currentImage).toBe("seid:v1");
  expect(stage.condition("TakeOver")).toBe("True/TakenOver");
});

test("is only told about where nothing may be done", async () => {
  const stage = leftBehind();
  edit(stage, "seid:v2");
  stage.mode = "observe";
  await stage.settle();
  expect([stage.condition("TakeOver"), stage.objectLog]).toEqual(["False/ConsentNeeded", []]);
});

test("whose claim is not seen says so and is left alone, and is taken over when it is", async () => {
  const stage = leftBehind();
  stage.claim = null;
  stage.gate = "shut";
  await stage.settle();
  expect([stage.condition("Stalled"), stage.objectLog, stage.submits]).toEqual(["True/DataVolumeLost", [], []]);
  stage.claim = { ...aClaim("claim-1"), ownerUid: null };
  // The gate comes first, and the take-over with the next observation.
  await stage.settle();
  await stage.settle();
  expect([stage.condition("Stalled"), stage.objectLog, stage.gate]).toEqual(["False/NotStalled", TAKEN, "open"]);
});

test("that failed keeps its phase, and the plan it failed by is told in words", async () => {
  const id = "00000000-0000-4000-8000-00000000000a";
  const task = { type: "snapshot-restore", id: taskId(id, "snapshot-restore", 0), params: {} };
  const detail = { type: task.type, id: task.id, error: "no disk", retryCount: 0, maxRetries: 0 };
  const tasks = [{ ...task, status: "Failed", error: "no disk" }];
  const plan = { id, phase: "Failed", failedPhase: "Failed", tasks, failedTaskIndex: 0, failedTaskDetail: detail };
  const stage = leftBehind({ phase: "Failed", plan });
  await stage.settle();
  expect([stage.status.phase, stage.condition("Stalled"), stage.objectLog]).toEqual(["Failed", "True/InitFailed", []]);
  expect(stage.status.history?.map(({ message }) => message)).toEqual(["task snapshot-restore: no disk"]);
});
