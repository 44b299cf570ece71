/** What a log and a metric say of plans is what the API server stored. */
import { expect, test } from "bun:test";
import { aPod, Stage } from "../fixtures/stage.ts";

async function shut(): Promise<Stage> {
  const stage = new Stage();
  await stage.settle();
  stage.told = [];
  stage.pod = aPod("pod-2");
  stage.gate = "shut";
  stage.triggerPod();
  return stage;
}

/** Reconciles as a queue would, until it is so. */
async function until(stage: Stage, isSo: () => boolean): Promise<void> {
  for (let count = 0; count < 20 && !isSo(); count += 1) stage.now += (await stage.reconcile()) ?? 0;
}

test("a plan is told once it is stored, and its end once that is", async () => {
  const stage = await shut();
  await stage.settle();
  expect(stage.told).toEqual(["stored SidecarNotReady", "complete SidecarNotReady"]);
});

test.each(["conflict", "refused", "lost"] as const)(
  "a plan whose patch is answered by %s was never stored",
  async (reply) => {
    const stage = await shut();
    stage.patchReplies = [reply];
    await stage.reconcile();
    expect([stage.patches.length > 0, stage.told]).toEqual([true, []]);
    stage.opens = true;
    await stage.settle();
    expect(stage.told).toEqual(["stored SidecarNotReady", "complete SidecarNotReady"]);
  },
);

test("a plan that was stored though the reply was lost is told when it is found", async () => {
  const stage = await shut();
  stage.patchReplies = ["lostStored"];
  await stage.reconcile();
  expect([stage.status.plan?.reason ?? "none", stage.told]).toEqual(["SidecarNotReady", []]);
  await stage.settle();
  expect(stage.told).toEqual(["stored SidecarNotReady", "complete SidecarNotReady"]);
});

test.each([
  ["conflict", ["stored SidecarNotReady"], ["stored SidecarNotReady", "complete SidecarNotReady"]],
  ["lostStored", ["stored SidecarNotReady"], ["stored SidecarNotReady", "complete SidecarNotReady"]],
] as const)("an end whose patch is answered by %s is told once it is seen stored", async (reply, first, all) => {
  const stage = await shut();
  const sidecar = stage.sidecar.bind(stage);
  stage.sidecar = () => ({
    ...sidecar(),
    submit: (task, signal) => {
      // The plan is stored by now: what comes next is its end.
      stage.patchReplies = [reply];
      return sidecar().submit(task, signal);
    },
  });
  await until(stage, () => stage.submits.length > 0);
  expect(stage.told).toEqual([...first]);
  await stage.settle();
  expect(stage.told).toEqual([...all]);
});

test("a plan that the API server dropped, its CRD being too old, is not told as stored", async () => {
  const stage = await shut();
  stage.pruned.add("plan");
  await until(stage, () => stage.condition("Stalled") === "True/CRDTooOld");
  expect([stage.condition("Stalled"), stage.told]).toEqual(["True/CRDTooOld", []]);
});

test("without the right to act a drift is told as observed, with what would be done", async () => {
  const stage = await shut();
  stage.mode = "observe";
  await stage.reconcile();
  expect([stage.drifts, stage.told]).toEqual([["observe sidecar-ready: mark-ready"], []]);
});

test("a plan that failed is told with its code and the time of the next try", async () => {
  const stage = await shut();
  stage.rejects = true;
  await until(stage, () => stage.ends.length > 0);
  const [end] = stage.ends;
  expect([end?.outcome ?? "none", end?.message ?? ""]).toEqual([
    "failed",
    expect.stringContaining("task mark-ready: SIDECAR_REJECTED: "),
  ]);
  const inMs = (end?.nextTryAt ?? 0) - Date.parse(stage.status.history?.at(-1)?.finishedAt ?? "");
  expect(inMs > 8_000 && inMs <= 10_000).toBe(true);
});

test("a sidecar that gives no answer is told when no Pod takes so long to come, and for as long as it lasts", async () => {
  const stage = await shut();
  stage.gate = "unreachable";
  const at: number[] = [];
  const from = stage.now;
  for (let poll = 0; poll < 8; poll += 1) {
    const before = stage.unknowns.length;
    await stage.reconcile();
    if (stage.unknowns.length > before) at.push((stage.now - from) / 1000);
    stage.now += 10_000;
  }
  expect(at.slice(0, 3)).toEqual([30, 40, 50]);
  expect(stage.unknowns[0]).toStartWith("Unreachable: ");
  stage.gate = "open";
  await stage.settle();
  const told = stage.unknowns.length;
  await stage.settle();
  expect(stage.unknowns.length).toBe(told);
});
