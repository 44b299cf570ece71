/** The loop on a paused node. */
import { expect, test } from "bun:test";
import { aPod, aRunningStatus, Stage } from "../fixtures/stage.ts";

function replicas(stage: Stage): number | undefined {
  return stage.statefulSet?.replicas;
}

async function reconcileTimes(stage: Stage, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await stage.reconcile();
}

test("a paused node is scaled to nothing without a plan, and says so until its Pod is gone", async () => {
  const stage = new Stage();
  stage.edit({ paused: true });
  await stage.settle(5000);
  expect([replicas(stage), stage.status.plan ?? null, stage.status.history ?? []]).toEqual([0, null, []]);
  expect([stage.condition("Paused"), stage.condition("Reconciling"), stage.condition("Ready")]).toEqual([
    "True/Paused",
    "True/Progressing",
    "False/Paused",
  ]);
  stage.pod = null;
  stage.triggerPod();
  await stage.settle(5000);
  expect([stage.condition("SidecarReady"), stage.condition("Reconciling")]).toEqual([
    "Unknown/Paused",
    "False/NotReconciling",
  ]);
});

test("a paused idle node costs no write", async () => {
  const stage = new Stage();
  stage.edit({ paused: true });
  stage.pod = null;
  await reconcileTimes(stage, 2);
  const [writes, patches] = [stage.writes, stage.patches.length];
  for (let poll = 0; poll < 20; poll += 1) {
    stage.now += 10_000;
    await stage.reconcile();
  }
  expect([stage.writes, stage.patches.length]).toEqual([writes, patches]);
});

test("who scales it up again is undone, but not in a tight loop", async () => {
  const stage = new Stage();
  stage.edit({ paused: true });
  await stage.settle(4000);
  for (let round = 0; round < 10; round += 1) {
    if (stage.statefulSet !== null) stage.statefulSet = { ...stage.statefulSet, replicas: 1 };
    await stage.reconcile();
  }
  expect(stage.writes).toBe(1);
  stage.now += 5000;
  await stage.reconcile();
  expect([replicas(stage), stage.writes]).toEqual([0, 2]);
});

test("a node that is paused no more is applied again, and its new gate is opened", async () => {
  const stage = new Stage({ ...aRunningStatus(), applied: { generation: 1, statefulSet: "v1", service: "service" } });
  stage.edit({ paused: true });
  stage.pod = null;
  await stage.settle(5000);
  stage.edit({ paused: false });
  await stage.settle(5000);
  expect(replicas(stage)).toBe(1);
  stage.pod = aPod("pod-2");
  stage.gate = "shut";
  stage.triggerPod();
  await stage.settle(5000);
  expect([stage.gate, stage.condition("Ready"), stage.condition("Paused")].map(String)).toEqual([
    "open",
    "True/Ready",
    "False/NotPaused",
  ]);
});

test("a node that is paused in the middle of its init goes on from there", async () => {
  const stage = new Stage({});
  [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
  await reconcileTimes(stage, 5);
  expect(stage.status.plan?.tasks[1]?.status).toBe("Complete");
  const id = stage.status.plan?.id;
  stage.edit({ paused: true });
  await reconcileTimes(stage, 3);
  expect([replicas(stage), stage.status.plan?.id]).toEqual([0, id]);
  stage.now += 60_000;
  stage.edit({ paused: false });
  await reconcileTimes(stage, 3);
  expect([replicas(stage), stage.status.plan?.id]).toEqual([1, id]);
  // Else a plan for what is applied already would follow.
  expect(stage.status.applied?.generation).toBe(stage.node().metadata.generation);
});

test("who only observes scales nothing", async () => {
  const stage = new Stage();
  stage.mode = "observe";
  stage.edit({ paused: true });
  await stage.settle(5000);
  expect([stage.writes, replicas(stage)]).toEqual([0, 1]);
});
