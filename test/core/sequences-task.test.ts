/** What the loop asks of the world, call by call: what the tasks of a plan come to. */
import { expect, test } from "bun:test";
import type { Outcome } from "../../src/model/index.ts";
import { HEALED, PLAN_STORED } from "../fixtures/healing-lines.ts";
import { linesOf, type Play, type Situation } from "../fixtures/sequence.ts";

async function shut(play: Play): Promise<Play["stage"]> {
  const stage = await play.beginQuiet();
  stage.gate = "shut";
  return stage;
}

/** The last minute is written down. */
async function tryFor15Minutes(play: Play, outcome: Outcome): Promise<void> {
  for (let minute = 0; minute <= 15; minute += 1) {
    play.cut();
    play.outcomes.push(outcome);
    await play.reconcile();
    play.stage.now += 60_000;
  }
}

const SITUATIONS: readonly Situation[] = [
  [
    "a task asks for more time, then is done",
    async (play) => {
      const stage = await shut(play);
      play.outcomes.push({ kind: "again", afterMs: 700, why: "not yet" });
      await play.reconcile();
      stage.now += 700;
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => again in 700 ms",
      "report mark-ready waits 700 ms",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending",
      "again in 700 ms",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "a task is handed to the sidecar and asked for later",
    async (play) => {
      const stage = await shut(play);
      play.outcomes.push({ kind: "submitted", afterMs: 300 });
      await play.reconcile();
      stage.now += 300;
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => submitted in 300 ms",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Running",
      "again in 300 ms",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "a task fails",
    async (play) => {
      const stage = await shut(play);
      play.outcomes.push({ kind: "failed", code: "SIDECAR_REJECTED", why: "no" });
      await play.reconcile();
      stage.now += 10_000;
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => failed",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Failed - task mark-ready: SIDECAR_REJECTED: no, Ready=False/BackingOff, Reconciling=False/NotReconciling",
      "report attention BackingOff, was none",
      "event PlanFailed",
      "event BackingOff",
      "report plan sidecar-ready ended: failed",
      "again in 10000 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Ready reworded, Reconciling=True/Progressing",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 2: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions",
      "report attention none, was BackingOff",
      "event SidecarReadinessRestored",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "a task throws",
    async (play) => {
      await shut(play);
      play.outcomes.push(new Error("a defect"));
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => threw",
      "report problem: task mark-ready threw: a defect; again in 5000 ms",
      "report mark-ready waits 5000 ms",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending",
      "again in 5000 ms",
    ],
  ],
  [
    "the ground of a task is gone",
    async (play) => {
      await shut(play);
      play.outcomes.push({ kind: "superseded", why: "another Pod" });
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => superseded",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Superseded - another Pod, Reconciling=False/NotReconciling",
      "report plan sidecar-ready ended: superseded",
      "again in 0 ms",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Reconciling=True/Progressing",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 2: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessRestored",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "the patch that ends a plan meets a conflict",
    async (play) => {
      const stage = await shut(play);
      play.after.set("run mark-ready", () => (stage.patchReplies = ["conflict"]));
      await play.reconcile();
      play.after.clear();
      stage.now += 30;
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions => conflict",
      "again in 30 ms",
      "patch status: Ready=True/Ready, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessRestored",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Reconciling=False/NotReconciling",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "the reply to the patch that ends a plan is lost, and it was stored",
    async (play) => {
      const stage = await shut(play);
      play.after.set("run mark-ready", () => (stage.patchReplies = ["lostStored"]));
      await play.reconcile();
      play.after.clear();
      stage.now += 30;
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions => lost",
      "report problem: the reply to a status patch was lost: reset; again in 30 ms",
      "again in 30 ms",
      "live read node",
      "report plan sidecar-ready ended: complete healed",
      "event SidecarReadinessLost",
      "event SidecarReadinessRestored",
      "again in 9970 ms",
    ],
  ],
  [
    "a process dies before the end of its plan is stored, and the gate is open",
    async (play) => {
      const stage = await shut(play);
      play.after.set("run mark-ready", () => (stage.patchReplies = ["lost"]));
      await play.reconcile();
      play.after.clear();
      play.restart();
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions => lost",
      "report problem: the reply to a status patch was lost: reset; again in 30 ms",
      "again in 30 ms",
      "-- restart",
      "probe sidecar => ready",
      "patch status: Ready=True/Ready, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessLost",
      "event SidecarReadinessRestored",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Reconciling=False/NotReconciling",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "a sidecar is at a task for longer than the plan may take",
    async (play) => {
      await shut(play);
      await tryFor15Minutes(play, { kind: "submitted", afterMs: 300 });
    },
    [
      "probe sidecar => notReady",
      "run mark-ready (not fresh) => submitted in 300 ms",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Failed - task mark-ready: DEADLINE_EXCEEDED: mark-ready did not finish in time, Ready=False/BackingOff, Reconciling=False/NotReconciling",
      "report attention BackingOff, was none",
      "event PlanFailed",
      "event BackingOff",
      "report plan sidecar-ready ended: failed",
      "again in 10000 ms",
    ],
  ],
  [
    "a task cannot be handed over for longer than the plan may take",
    async (play) => {
      await shut(play);
      await tryFor15Minutes(play, { kind: "again", afterMs: 300, why: "not yet" });
    },
    [
      "probe sidecar => notReady",
      "run mark-ready (not fresh) => again in 300 ms",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Superseded - mark-ready could not be handed over in time: not yet, Reconciling=False/NotReconciling",
      "report plan sidecar-ready ended: superseded",
      "again in 0 ms",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
