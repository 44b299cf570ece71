/** What the loop asks of the world, call by call: a plan is stored, or is not, or was found stored. */
import { expect, test } from "bun:test";
import { aPod, aRunningStatus } from "../fixtures/stage.ts";
import { planOf } from "../fixtures/spoilt-status.ts";
import { HEALED, PLAN_STORED } from "../fixtures/healing-lines.ts";
import { linesOf, type Play, type Situation } from "../fixtures/sequence.ts";

async function shut(play: Play): Promise<Play["stage"]> {
  const stage = await play.beginQuiet();
  stage.gate = "shut";
  return stage;
}

const SITUATIONS: readonly Situation[] = [
  [
    "the patch that stores a plan meets a conflict",
    async (play) => {
      const stage = await shut(play);
      stage.patchReplies = ["conflict"];
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions => conflict",
      "again in 30 ms",
      "report drift sidecar-ready (act): mark-ready; waits: observation",
      "patch status: Drift=True/SidecarNotReady, Ready=False/NotReady, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "again in 0 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Reconciling=True/Progressing",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "the reply to the patch that stores a plan is lost, and it was stored",
    async (play) => {
      const stage = await shut(play);
      stage.patchReplies = ["lostStored"];
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions => lost",
      "report problem: the reply to a status patch was lost: reset; again in 30 ms",
      "again in 30 ms",
      "live read node",
      "report plan sidecar-ready started",
      "event SidecarReadinessLost",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "the reply to the patch that stores a plan is lost, and it was not stored",
    async (play) => {
      const stage = await shut(play);
      stage.patchReplies = ["lost"];
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions => lost",
      "report problem: the reply to a status patch was lost: reset; again in 30 ms",
      "again in 30 ms",
      "live read node",
      "report drift sidecar-ready (act): mark-ready; waits: observation",
      "patch status: Drift=True/SidecarNotReady, Ready=False/NotReady, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "again in 0 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Reconciling=True/Progressing",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "the patch that stores a plan is refused",
    async (play) => {
      const stage = await shut(play);
      stage.patchReplies = ["refused", "refused"];
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions => refused",
      "report problem: the status patch was refused: no; again in 30 ms",
      "again in 30 ms",
      "report drift sidecar-ready (act): mark-ready; waits: observation",
      "patch status: Drift=True/SidecarNotReady, Ready=False/NotReady, SidecarReady=False/NotReady, readinessTransitions => refused",
      "report problem: the status patch was refused: no; again in 60 ms",
      "again in 60 ms",
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "the CRD drops the plan that was sent",
    async (play) => {
      const stage = await shut(play);
      stage.pruned.add("plan");
      await play.reconcile();
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "again in 0 ms",
      "patch status: Ready=False/CRDTooOld, Reconciling=False/NotReconciling, Stalled=True/CRDTooOld",
      "report attention CRDTooOld, was none",
      "event CRDTooOld",
      "again in 60000 ms",
    ],
  ],
  [
    "a plan to open the gate is found under way after a restart",
    async (play) => {
      const stage = await shut(play);
      play.after.set("patch status: plan Active", () => (stage.mayWrite = false));
      await play.reconcile();
      play.after.clear();
      stage.mayWrite = true;
      play.restart();
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "again in 10000 ms",
      "-- restart",
      "probe sidecar => notReady",
      "event SidecarReadinessLost",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "a plan that touches objects is found under way after a restart, and what stands cannot be read at first",
    async (play) => {
      const plan = planOf(["apply-statefulset", "apply-service"], { detector: "workload", reason: "TemplateChanged" });
      const stage = play.begin({ status: { ...aRunningStatus(), plan } });
      const answers = [false];
      stage.whenReadLive = () => answers.shift() ?? true;
      await play.settle();
    },
    [
      "live read node and its objects => no answer",
      "again in 200 ms",
      "live read node and its objects",
      "patch status: outcomes none",
      "probe sidecar => ready",
      "patch status: Ready=True/Ready, Reconciling=True/Progressing, SidecarReady=True/Ready, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "run apply-statefulset (not fresh) => done",
      "run apply-service (not fresh) => done",
      "patch status: plan null, outcomes 1: workload TemplateChanged Complete healed, Reconciling=False/NotReconciling",
      "report plan workload ended: complete healed",
      "again in 5500 ms",
    ],
  ],
  [
    "the Lease is lost while the plan is stored",
    async (play) => {
      const stage = await shut(play);
      play.after.set("patch status: plan Active", () => (stage.mayWrite = false));
      await play.reconcile();
    },
    ["probe sidecar => notReady", ...PLAN_STORED, "again in 10000 ms"],
  ],
  [
    "the Lease is lost while the sidecar is asked",
    async (play) => {
      const stage = await shut(play);
      play.after.set("probe sidecar", () => (stage.mayWrite = false));
      await play.reconcile();
    },
    ["probe sidecar => notReady", "report drift sidecar-ready (observe): mark-ready", "again in 10000 ms"],
  ],
  [
    "the Lease is lost while a task runs",
    async (play) => {
      const stage = await shut(play);
      play.after.set("run mark-ready", () => (stage.mayWrite = false));
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      "again in 10000 ms",
    ],
  ],
  [
    "the Lease is lost between two tasks",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ image: "seid:v2" });
      play.after.set("run apply-statefulset", () => (stage.mayWrite = false));
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "report drift image (act): apply-statefulset apply-service observe-image mark-ready",
      "live read node and its objects",
      "report drift image (act): apply-statefulset apply-service observe-image mark-ready",
      "patch status: plan Active image at 1/4 apply-statefulset Pending, Drift=True/ImageChanged, NodeUpdateInProgress=True/UpdateStarted, Ready=False/SpecNotApplied, Reconciling=True/Progressing, observedGeneration 2",
      "event UpdateStarted",
      "report plan image started",
      "run apply-statefulset => done",
      "again in 1000 ms",
    ],
  ],
  [
    "a plan that nobody can read is set aside",
    async (play) => {
      const stage = play.begin({ status: { ...aRunningStatus(), plan: { id: "x", phase: "Active", tasks: 3 } } });
      stage.gate = "shut";
      await play.settle();
    },
    [
      "patch status: outcomes none",
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      'patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, outcomes 1: unknown CorruptPlan Failed - CorruptPlan: id: got "x", want a UUID, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions',
      "event SidecarReadinessLost",
      "event PlanFailed",
      "report plan ? ended: failed",
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
    "a plan of another manager goes on",
    async (play) => {
      const stage = play.begin({ status: { ...aRunningStatus(), plan: planOf(["mark-ready"]) } });
      stage.gate = "shut";
      stage.pod = aPod("pod-1");
      await play.settle();
    },
    [
      "patch status: outcomes none",
      "probe sidecar => notReady",
      "patch status: Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "event SidecarReadinessLost",
      "run mark-ready (not fresh) => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: unknown Unknown Complete healed, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessRestored",
      "report plan ? ended: complete healed",
      "again in 10000 ms",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
