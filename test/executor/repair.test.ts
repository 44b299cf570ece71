/** What somebody takes away in the middle of a plan. */
import { describe, expect, test } from "bun:test";
import { aClaim, aJob, aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

/** A new node whose objects are made and whose sidecar is waited for. */
async function waiting(spec: object = { fullNode: {} }): Promise<Stage> {
  const stage = new Stage({});
  stage.raw.spec = { chainId: "sei-test", image: "seid:v1", ...spec };
  stage.pod = stage.statefulSet = stage.claim = stage.service = null;
  await stage.reconcile();
  await stage.reconcile();
  stage.objectLog = [];
  return stage;
}

const ofJob = { fullNode: { snapshot: { s3: { targetHeight: 9 }, bootstrapImage: "seid:v0" } } };

/** What is done to objects from here until the node runs, or its Job's gate is open. */
async function goneOn(stage: Stage, change: Partial<Stage>): Promise<readonly string[]> {
  Object.assign(stage, change);
  for (let at = 0; at < 3; at += 1) {
    await stage.reconcile();
    stage.now += 1000;
  }
  return stage.objectLog;
}

describe("in the middle of init", () => {
  test.each<[string, Partial<Stage>, readonly string[]]>([
    ["nothing", {}, []],
    ["the StatefulSet", { statefulSet: null }, ["apply StatefulSet"]],
    ["what was applied of the StatefulSet", { statefulSet: aStatefulSet("v9") }, ["apply StatefulSet"]],
    ["the Service", { service: null }, ["apply Service"]],
    ["what was applied of the Service", { service: { ...aService(), ownedDigest: "other" } }, ["apply Service"]],
    ["both", { statefulSet: null, service: null }, ["apply StatefulSet", "apply Service"]],
    ["the claim", { claim: null }, []],
    ["the claim's owner", { claim: { ...aClaim("claim-1"), ownerUid: null } }, ["reclaim claim"]],
    ["the claim's label", { claim: { ...aClaim("claim-1"), node: "" } }, ["reclaim claim"]],
  ])("%s that was taken away is put back", async (_title, change, want) => {
    const stage = await waiting();
    expect(await goneOn(stage, change)).toEqual(want);
    stage.pod = aPod("pod-1");
    stage.statefulSet = { ...aStatefulSet("v1"), generation: 2, observedGeneration: 2 };
    await stage.settle();
    expect([stage.status.phase, stage.status.dataVolume?.uid]).toEqual(["Running", stage.claim?.uid]);
  });

  test("an imported claim is left as it is, though it has the name of one of ours", async () => {
    const stage = await waiting();
    stage.imports.wish = { name: "data-node", leastSize: "10Gi" };
    expect(await goneOn(stage, { claim: { ...aClaim("claim-1"), ownerUid: null, node: "" } })).toEqual([]);
  });

  test("a set that is on its way out is waited for, not applied to", async () => {
    const stage = await waiting();
    expect(await goneOn(stage, { statefulSet: { ...aStatefulSet("v1"), deleting: true } })).toEqual([]);
    expect(stage.status.phase).toBe("Initializing");
  });

  test("what is edited for ever is put back no oftener than once a second", async () => {
    const stage = await waiting();
    for (let ms = 0; ms < 3000; ms += 1) {
      stage.statefulSet = aStatefulSet("v9");
      const rest = (await stage.reconcile()) ?? 1000;
      expect(rest).toBeGreaterThanOrEqual(1000);
      stage.now += rest;
      ms += rest;
    }
    expect(stage.objectLog).toEqual(["apply StatefulSet", "apply StatefulSet", "apply StatefulSet"]);
  });

  test.each<[string, Partial<Stage>, string]>([
    ["is gone", { claim: null }, "claim data-node: it is gone, with what was brought onto it"],
    ["is another", { claim: aClaim("claim-9") }, "claim data-node: it is gone, with what was brought onto it"],
  ])("a claim that %s after the sidecar finished a step fails the plan", async (_title, change, why) => {
    const stage = await waiting();
    stage.pod = aPod("pod-1");
    stage.slow.add("config-apply");
    await stage.reconcile();
    expect(await goneOn(stage, change)).toEqual([]);
    expect(stage.status.history?.at(-1)?.message).toBe(`task config-apply: DATA_VOLUME_LOST: ${why}`);
    expect(stage.status.phase).toBe("Failed");
  });

  test("a node that a workflow holds is left as it is", async () => {
    const stage = await waiting();
    stage.raw.status["adoptedWorkflow"] = { name: "restore" };
    expect(await goneOn(stage, { statefulSet: null })).toEqual([]);
  });
});

describe("in the middle of a bootstrap", () => {
  test.each<[string, Partial<Stage>, readonly string[]]>([
    ["the Service", { service: null }, ["create Service"]],
    ["what was applied of it", { service: { ...aService(), ownedDigest: "other" } }, ["apply Service of the Job"]],
    ["a Job that no sidecar has worked for", { job: null }, ["create Job"]],
  ])("%s that was taken away is put back", async (_title, change, want) => {
    const stage = await waiting(ofJob);
    expect(await goneOn(stage, change)).toEqual(want);
    expect(stage.status.phase).toBe("Initializing");
  });

  test("the Service is not put back while it is taken down", async () => {
    const stage = await waiting(ofJob);
    stage.pod = aPod("job-pod", { ownerKind: "Job", ownerUid: "job-1" });
    await stage.settle(4000);
    await goneOn(stage, { job: aJob({ state: "complete" }) });
    stage.job = null;
    stage.pod = null;
    await goneOn(stage, {});
    expect(stage.objectLog).toEqual(["delete Job", "delete Service", "apply StatefulSet", "apply Service"]);
  });
});

test("in the middle of a roll-out a set that was deleted is applied again, not waited for until the deadline", async () => {
  const stage = new Stage();
  await stage.settle();
  stage.edit({ image: "seid:v2" });
  await stage.reconcile();
  stage.objectLog = [];
  expect(await goneOn(stage, { statefulSet: null, pod: null })).toEqual(["apply StatefulSet"]);
  expect(stage.status.plan?.phase).toBe("Active");
});
