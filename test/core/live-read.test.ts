/** What the last owner of a node left is read live before the first plan that touches objects, and at no other time. */
import { expect, test } from "bun:test";
import { aPod, aRunningStatus, aStatefulSet, Stage } from "../fixtures/stage.ts";

async function healthy(): Promise<Stage> {
  const stage = new Stage();
  await stage.settle();
  stage.patches = [];
  return stage;
}

test("a healthy node, a shut gate and a new node are never read live", async () => {
  const stage = await healthy();
  stage.gate = "shut";
  stage.now += 10_000;
  await stage.settle();
  expect(stage.submits.length).toBe(1);
  const fresh = new Stage({});
  await fresh.settle();
  expect([stage.liveReads, fresh.liveReads]).toEqual([0, 0]);
});

test("an image plan is preceded by one live read, and the next one by none", async () => {
  const stage = await healthy();
  for (const image of ["seid:v2", "seid:v3"]) {
    stage.edit({ image });
    await stage.reconcile();
    await stage.reconcile();
    expect(stage.status.plan).toMatchObject({ phase: "Active", madeFrom: { "spec.image": image } });
  }
  expect(stage.liveReads).toBe(1);
});

test("what the live read finds is what is judged", async () => {
  const stage = await healthy();
  stage.statefulSet = { ...aStatefulSet("v1"), ownedDigest: "edited by hand" };
  stage.whenReadLive = () => {
    stage.statefulSet = aStatefulSet("v1");
    return true;
  };
  await stage.settle();
  expect(stage.liveReads).toBe(1);
  expect([stage.patches, stage.objectLog]).toEqual([[], []]);
});

test("a plan that somebody else made is carried on only after a live read, and not when it has ended by then", async () => {
  const stage = await healthy();
  stage.edit({ image: "seid:v2" });
  stage.patchReplies = ["lostStored"];
  await stage.reconcile();
  expect(stage.status.plan?.phase).toBe("Active");
  stage.restart();
  [stage.liveReads, stage.objectLog] = [0, []];
  stage.whenReadLive = () => {
    const applied = { generation: 2, statefulSet: "v2", service: "service" };
    stage.raw = { ...stage.raw, status: { ...aRunningStatus(), currentImage: "seid:v2", applied } };
    stage.statefulSet = aStatefulSet("v2");
    const pod = aPod("pod-1", { revision: "v2" });
    const containers = pod.containers.map((one) => (one.name === "seid" ? { ...one, image: "seid:v2" } : one));
    stage.pod = { ...pod, containers };
    return true;
  };
  await stage.settle();
  expect(stage.liveReads).toBe(1);
  expect([stage.objectLog, stage.deletedPods]).toEqual([[], []]);
});

test("while it cannot be read live nothing is begun, and it is tried again", async () => {
  const stage = await healthy();
  stage.whenReadLive = () => false;
  stage.edit({ image: "seid:v2" });
  expect(await stage.reconcile()).toBe(200);
  expect(await stage.reconcile()).toBe(400);
  expect([stage.patches, stage.objectLog]).toEqual([[], []]);
  stage.whenReadLive = () => true;
  await stage.reconcile();
  expect(stage.status.plan?.detector).toBe("image");
});

test("who may not act reads nothing live", async () => {
  const stage = await healthy();
  stage.mode = "observe";
  stage.edit({ image: "seid:v2" });
  await stage.settle();
  expect(stage.liveReads).toBe(0);
});

test("a node that was idle and is triggered needs no other live read", async () => {
  const stage = await healthy();
  const pods = { "seid:v2": "v2", "seid:v3": "v3" };
  for (const [image, revision] of Object.entries(pods)) {
    stage.edit({ image });
    await stage.reconcile();
    const pod = aPod(`pod-${revision}`, { revision });
    stage.pod = { ...pod, containers: pod.containers.map((one) => (one.name === "seid" ? { ...one, image } : one)) };
    stage.triggerPod();
    await stage.settle();
    stage.now += 10_000;
    await stage.reconcile();
    expect([stage.status.currentImage, await stage.probeIdle()]).toEqual([image, 10_000]);
  }
  expect(stage.liveReads).toBe(1);
});
