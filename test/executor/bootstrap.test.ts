/** The tasks around the bootstrap Job, in their order. */
import { describe, expect, test } from "bun:test";
import { aJob, aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";

const jobPod = aPod("job-pod", {
  ownerKind: "Job",
  ownerUid: "job-1",
  component: "bootstrap",
});

/** A new node that a Job catches up; nothing of it is there yet. */
function newNode(): Stage {
  const stage = new Stage({});
  const snapshot = { s3: { targetHeight: 9 }, bootstrapImage: "seid:v0" };
  stage.raw.spec = { ...stage.raw.spec, fullNode: { snapshot } };
  stage.pod = stage.statefulSet = stage.claim = stage.service = null;
  stage.gate = "shut";
  return stage;
}

/** Up to the Job's gate being opened. */
async function catchingUp(): Promise<Stage> {
  const stage = newNode();
  await stage.reconcile();
  stage.pod = jobPod;
  await stage.settle(4000);
  return stage;
}

function steps(stage: Stage): readonly string[] {
  return stage.submits.map(({ type }) => type);
}

async function toldOf(stage: Stage): Promise<unknown> {
  await stage.settle(4000);
  return [stage.status.phase, stage.status.history?.at(-1)?.message];
}

describe("a node that a Job catches up", () => {
  test("gets Service and Job, is configured in the Job's Pod, and has no StatefulSet yet", async () => {
    const stage = await catchingUp();
    expect(stage.objectLog).toEqual(["create Service", "create Job"]);
    expect(steps(stage)).toEqual([
      "snapshot-restore",
      "configure-genesis",
      "config-apply",
      "configure-state-sync",
      "config-validate",
      "mark-ready",
    ]);
    expect(stage.statefulSet).toBeNull();
  });

  test("gets its StatefulSet only after Job, Pod and Service are gone, and then comes up", async () => {
    const stage = await catchingUp();
    stage.job = aJob({ state: "complete" });
    stage.pod = { ...jobPod, phase: "Succeeded" };
    await stage.reconcile();
    expect(stage.objectLog.slice(2)).toEqual(["delete Job"]);
    await stage.reconcile();
    expect(stage.objectLog.slice(2)).toEqual(["delete Job"]);
    stage.job = null;
    await stage.reconcile();
    await stage.reconcile();
    // The Job is gone and its Service too, but the Pod still holds the volume.
    expect(stage.objectLog.slice(2)).toEqual(["delete Job", "delete Service"]);
    stage.pod = aPod("own-pod");
    stage.gate = "shut";
    await stage.settle();
    expect(stage.objectLog.slice(4)).toEqual(["apply StatefulSet", "apply Service"]);
    expect(steps(stage).slice(6)).toEqual(["configure-genesis", "config-apply", "config-validate", "mark-ready"]);
    expect(stage.status).toMatchObject({ phase: "Running", currentImage: "seid:v1" });
  });

  test("takes a Job that reached its height as proof of an open gate, however soon after the hand-over it ended", async () => {
    const stage = newNode();
    await stage.reconcile();
    const sidecar = stage.sidecar.bind(stage);
    stage.sidecar = () => ({
      ...sidecar(),
      submit: async (task, signal) => {
        const reply = await sidecar().submit(task, signal);
        const known = stage.tasks.get(task.id);
        if (task.type === "mark-ready" && known !== undefined)
          stage.tasks.set(task.id, { ...known, status: "running" });
        return reply;
      },
    });
    stage.pod = jobPod;
    await stage.reconcile();
    expect(stage.status.plan?.tasks.find(({ type }) => type === "mark-ready")?.status).toBe("Running");
    stage.job = aJob({ state: "complete" });
    stage.pod = null;
    await stage.reconcile();
    expect(stage.status.phase).toBe("Initializing");
    expect(stage.objectLog).toContain("delete Job");
  });

  test("is not given to a Pod that lost its Job and still runs", async () => {
    const stage = await catchingUp();
    stage.job = aJob({ state: "complete" });
    stage.pod = { ...jobPod, ownerKind: null, ownerUid: null };
    await stage.reconcile();
    stage.job = null;
    for (let at = 0; at < 4; at += 1) await stage.reconcile();
    expect(stage.objectLog).not.toContain("apply StatefulSet");
    stage.pod = { ...stage.pod, phase: "Succeeded" };
    await stage.reconcile();
    expect(stage.objectLog).toContain("apply StatefulSet");
  });

  test.each<[string, Partial<Stage>, string]>([
    [
      "its Job failed at the height",
      { job: aJob({ state: "failed", why: "BackoffLimitExceeded: it broke" }) },
      "task await-bootstrap-complete: BOOTSTRAP_FAILED: Job node-bootstrap: it failed: BackoffLimitExceeded: it broke",
    ],
    [
      "its Job is gone before it was seen complete",
      { job: null },
      "task await-bootstrap-complete: BOOTSTRAP_FAILED: Job node-bootstrap: it is gone before it was seen complete",
    ],
  ])("fails visibly when %s", async (_title, change, message) => {
    const stage = Object.assign(await catchingUp(), change);
    expect(await toldOf(stage)).toEqual(["Failed", message]);
    expect(stage.statefulSet).toBeNull();
  });

  test.each<[string, Partial<Stage>, string]>([
    ["failed", { job: aJob({ state: "failed" }) }, "it failed"],
    ["ended", { job: aJob({ state: "complete" }) }, "it ended before its node was configured"],
  ])("does not wait for the sidecar of a Job that %s", async (_title, change, why) => {
    const stage = newNode();
    await stage.reconcile();
    Object.assign(stage, change);
    const message = `task snapshot-restore: BOOTSTRAP_FAILED: Job node-bootstrap: ${why}`;
    expect(await toldOf(stage)).toEqual(["Failed", message]);
  });

  test("waits for the Pod of a Job that runs", async () => {
    const stage = newNode();
    await stage.reconcile();
    stage.now += 60_000;
    await stage.reconcile();
    expect(stage.status.phase).toBe("Initializing");
  });

  test("replaces the ended Job of an earlier plan, and takes one that runs as it is", async () => {
    const stage = newNode();
    stage.job = aJob({ state: "failed" });
    await stage.reconcile();
    expect(stage.objectLog).toEqual(["create Service", "delete Job"]);
    stage.job = null;
    await stage.reconcile();
    expect(stage.objectLog).toEqual(["create Service", "delete Job", "create Job"]);
    const other = newNode();
    other.job = aJob();
    await other.reconcile();
    expect(other.objectLog).toEqual(["create Service"]);
  });

  test.each<[string, Partial<Stage>, string]>([
    [
      "the Job",
      { job: aJob({ ownerUid: "other" }) },
      "task deploy-bootstrap-job: FOREIGN_OBJECT: Job node-bootstrap: it exists and is not this node's. Find out whose it is, or give the SeiNode another name",
    ],
    [
      "the Service",
      { service: { ...aService(), ownerUid: null } },
      "task deploy-bootstrap-service: FOREIGN_OBJECT: Service node: it exists and is not this node's. Find out whose it is, or give the SeiNode another name",
    ],
    [
      "a StatefulSet that mounts the same volume",
      { statefulSet: aStatefulSet("v1") },
      "task deploy-bootstrap-job: BOOTSTRAP_FAILED: StatefulSet node: it exists, and its Pod and the Job's would write the same volume. Delete it",
    ],
  ])("is refused by %s of somebody else", async (_title, change, message) => {
    const stage = Object.assign(newNode(), change);
    expect(await toldOf(stage)).toEqual(["Failed", message]);
    expect(stage.objectLog.filter((done) => done !== "create Service")).toEqual([]);
  });
});
