/** The loop on a node that is deleted. */
import { expect, test } from "bun:test";
import { FINALIZER } from "../../src/model/index.ts";
import { aRunningStatus, Stage } from "../fixtures/stage.ts";

function deleted(status: Record<string, unknown> = aRunningStatus()): Stage {
  const stage = new Stage(status);
  stage.raw.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  return stage;
}

function finalizers(stage: Stage): unknown {
  return stage.raw.metadata["finalizers"];
}

test("a deleted node is Terminating, takes down what is its own, and is let go when all of it is gone", async () => {
  const stage = deleted();
  await stage.reconcile();
  expect(stage.objectLog.toSorted()).toEqual(["delete Service", "delete StatefulSet", "delete claim"]);
  expect([stage.status.phase, stage.condition("Ready"), stage.condition("Reconciling")]).toEqual([
    "Terminating",
    "False/Terminating",
    "True/Terminating",
  ]);
  expect(finalizers(stage)).toEqual([FINALIZER]);
  stage.statefulSet = null;
  await stage.reconcile();
  expect(finalizers(stage)).toEqual([FINALIZER]);
  stage.claim = null;
  stage.raw.metadata["finalizers"] = ["other/one", FINALIZER];
  expect(await stage.reconcile()).toBeNull();
  expect(finalizers(stage)).toEqual(["other/one"]);
  expect(stage.objectLog).toHaveLength(3);
});

test("a node that leaves behind what is its own is let go at once, and nothing of it is taken down", async () => {
  const stage = deleted();
  stage.raw.metadata["finalizers"] = [FINALIZER, "orphan"];
  expect(await stage.reconcile()).toBeNull();
  expect([stage.objectLog, finalizers(stage), stage.patches]).toEqual([[], ["orphan"], []]);
});

test("what is on its way out already is not deleted twice", async () => {
  const stage = deleted();
  await stage.reconcile();
  await stage.reconcile();
  expect(stage.objectLog).toHaveLength(3);
});

test("what is another's stays, an imported claim among it", async () => {
  const stage = deleted();
  if (stage.claim !== null) stage.claim = { ...stage.claim, ownerUid: null };
  if (stage.service !== null) stage.service = { ...stage.service, ownerUid: "another" };
  stage.statefulSet = null;
  await stage.reconcile();
  expect([stage.objectLog, finalizers(stage)]).toEqual([[], []]);
});

test("an Active plan ends with the node, and none of its tasks is carried out", async () => {
  const stage = new Stage();
  stage.gate = "shut";
  stage.opens = false;
  await stage.reconcile();
  stage.raw.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  const sent = stage.submits.length;
  await stage.reconcile();
  expect(stage.status.plan ?? null).toBeNull();
  expect(stage.submits).toHaveLength(sent);
});

test("a spec that nobody can read holds no deletion up", async () => {
  const stage = deleted();
  stage.raw.spec = { chainId: "x" };
  [stage.statefulSet, stage.service, stage.claim] = [null, null, null];
  await stage.reconcile();
  expect(finalizers(stage)).toEqual([]);
});

test("a status that cannot be written holds no deletion up", async () => {
  const stage = deleted();
  stage.patchReplies = ["refused"];
  [stage.statefulSet, stage.service, stage.claim] = [null, null, null];
  await stage.reconcile();
  expect(finalizers(stage)).toEqual([]);
});

test.each<[string, (stage: Stage) => void]>([
  ["only observes", (stage) => (stage.mode = "observe")],
  ["does not lead", (stage) => (stage.mayWrite = false)],
])("who %s takes nothing down and lets nothing go", async (_title, make) => {
  const stage = deleted();
  make(stage);
  await stage.reconcile();
  expect([stage.objectLog, finalizers(stage), stage.patches]).toEqual([[], [FINALIZER], []]);
});

test("a deleted node that does not wait for us is left alone", async () => {
  const stage = deleted();
  stage.raw.metadata["finalizers"] = ["other/one"];
  expect(await stage.reconcile()).toBeNull();
  expect([stage.objectLog, stage.patches]).toEqual([[], []]);
});

test("a node gets the finalizer before anything is made for it, and beside those of others", async () => {
  const stage = new Stage({});
  [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
  stage.raw.metadata["finalizers"] = ["other/one"];
  await stage.reconcile();
  expect(finalizers(stage)).toEqual(["other/one", FINALIZER]);
  expect(stage.status.plan?.reason).toBe("NewNode");
});

test("a node whose spec is refused gets no finalizer", async () => {
  const stage = new Stage({});
  stage.raw.metadata["finalizers"] = [];
  stage.raw.spec = { ...stage.raw.spec, seed: {}, fullNode: undefined };
  await stage.reconcile();
  expect([finalizers(stage), stage.condition("Stalled")]).toEqual([[], "True/UnsupportedSpec"]);
});
