/**
 * Nobody's absence changes where a node ends: this process away, stopped, or its wall clock set, at every step of every
 * way to bring a node up. Meanwhile the cluster and its sidecars go on.
 */
import { describe, expect, test } from "bun:test";
import { examples, type Sample } from "../fixtures/samples.ts";
import { aJob, aPod, Stage } from "../fixtures/stage.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A sidecar is at each task for so long. */
const TASK_MS = 6000;
const EVERY_TASK = [
  "snapshot-restore",
  "configure-genesis",
  "config-apply",
  "discover-peers",
  "configure-state-sync",
  "config-validate",
  "snapshot-upload",
  "generate-identity",
  "generate-gentx",
  "upload-genesis-artifacts",
  "set-genesis-peers",
];

function newNode({ spec }: Sample): Stage {
  const stage = new Stage({});
  stage.raw.spec = { ...spec, image: "seid:v1" };
  [stage.pod, stage.statefulSet, stage.service, stage.claim] = [null, null, null, null];
  stage.slow = new Set(EVERY_TASK);
  return stage;
}

/** What the controllers, the kubelet and the sidecar of a cluster have done by now. */
function goOn(stage: Stage): void {
  for (const task of stage.tasks.values()) {
    if (task.status === "running" && stage.now - Date.parse(task.submittedAt) >= TASK_MS) task.status = "completed";
  }
  goOnWithJob(stage);
  if (stage.statefulSet !== null && stage.pod === null) begin(stage, "set");
}

/** It halts when its gate was open for a while; when that is long ago, it is gone if it was made to go. */
function goOnWithJob(stage: Stage): void {
  const opened = [...stage.tasks.values()].find(({ type }) => type === "mark-ready");
  const haltedMs = opened === undefined ? -1 : stage.now - Date.parse(opened.submittedAt) - TASK_MS;
  if (stage.job?.deleting === true || (stage.job !== null && haltedMs > stage.jobTtlMs)) {
    [stage.job, stage.pod] = [null, null];
  }
  if (stage.job === null) return;
  if (stage.pod === null) begin(stage, "job");
  if (haltedMs < 0) return;
  stage.job = aJob({ state: "complete" });
  stage.pod = stage.pod === null ? null : { ...stage.pod, phase: "Succeeded" };
  stage.gate = "unreachable";
}

function begin(stage: Stage, owner: "job" | "set"): void {
  const ofJob = { ownerKind: "Job", ownerUid: "job-1", component: "bootstrap", name: "node-bootstrap-x" };
  stage.pod = owner === "job" ? aPod("pod-of-job", ofJob) : aPod("pod-1");
  stage.gate = "shut";
}

type Mishap = (stage: Stage) => void;

/** Brings the node up; `mishap` befalls it after so many reconciles. Returns how many it took. */
async function bringUp(stage: Stage, mishap: Mishap | null = null, after = 0): Promise<number> {
  for (let reconciles = 1; reconciles < 400; reconciles += 1) {
    const rest = await stage.reconcile();
    goOn(stage);
    const isUp = stage.status.phase === "Running" && stage.condition("Ready") === "True/Ready";
    if ((isUp && (rest ?? 0) > 5000) || stage.status.phase === "Failed") return reconciles;
    stage.now += Math.max(3000, rest ?? 0);
    goOn(stage);
    if (reconciles === after) {
      mishap?.(stage);
      goOn(stage);
    }
  }
  throw new Error(`it does not come to rest: ${JSON.stringify(stage.status)}`);
}

/** Where it ended, without the times at which that was. */
function endOf(stage: Stage): unknown {
  const { plan = null, history = [], conditions = [], ...status } = stage.status;
  return {
    plan,
    history: history.map(({ outcome, healed, reason, message }) => [outcome, healed, reason, message]),
    conditions: conditions.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`).toSorted(),
    phase: status.phase,
    image: status.currentImage,
    volume: status.dataVolume?.claimName,
    submits: stage.submits.map(({ type }) => type),
    objects: stage.objectLog,
    gate: stage.gate,
  };
}

const away =
  (ms: number): Mishap =>
  (stage) => {
    stage.now += ms;
    stage.restart();
  };
const mishaps: readonly (readonly [string, Mishap])[] = [
  ["away for 10 min", away(10 * MINUTE_MS)],
  ["away for an hour", away(60 * MINUTE_MS)],
  ["away for a day", away(DAY_MS)],
  ["stopped for a day", (stage) => void (stage.now += DAY_MS)],
  ["its clock set a day forward", (stage) => void (stage.wallSetBy += DAY_MS)],
  ["its clock set a day back", (stage) => void (stage.wallSetBy -= DAY_MS)],
  [
    "another in its place, whose clock is a day behind",
    (stage) => {
      stage.wallSetBy -= DAY_MS;
      stage.restart();
    },
  ],
  [
    "another in its place, whose clock is a day ahead",
    (stage) => {
      stage.wallSetBy += DAY_MS;
      stage.restart();
    },
  ],
];

describe.each(examples().map((sample) => [sample.title, sample] as const))("%s, at every step", (_title, sample) => {
  test.each(mishaps)("with its controller %s, ends as undisturbed", async (_what, mishap) => {
    const undisturbed = newNode(sample);
    const reconciles = await bringUp(undisturbed);
    expect(undisturbed.status.phase).toBe("Running");
    for (let after = 1; after < reconciles; after += 1) {
      const stage = newNode(sample);
      await bringUp(stage, mishap, after);
      expect(endOf(stage)).toEqual(endOf(undisturbed));
    }
  });
});
