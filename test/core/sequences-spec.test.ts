/** What the loop asks of the world, call by call: the spec is edited, or tells to pause. */
import { expect, test } from "bun:test";
import { aPod } from "../fixtures/stage.ts";
import { PLAN_STORED } from "../fixtures/healing-lines.ts";
import { linesOf, type Situation } from "../fixtures/sequence.ts";

function anUpdatedPod(): ReturnType<typeof aPod> {
  const pod = aPod("pod-2", { revision: "v2" });
  return {
    ...pod,
    containers: pod.containers.map((one) => (one.name === "seid" ? { ...one, image: "seid:v2" } : one)),
  };
}

const SITUATIONS: readonly Situation[] = [
  [
    "the image drifts and the gate is shut: the image wins, and its plan opens the gate at its end",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ image: "seid:v2" });
      stage.gate = "shut";
      await play.reconcile();
      await play.reconcile();
      stage.pod = anUpdatedPod();
      play.wakeByPod();
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift image (act): apply-statefulset apply-service observe-image mark-ready",
      "live read node and its objects",
      "report drift image (act): apply-statefulset apply-service observe-image mark-ready",
      "patch status: plan Active image at 1/4 apply-statefulset Pending, Drift=True/ImageChanged, NodeUpdateInProgress=True/UpdateStarted, Ready=False/SpecNotApplied, Reconciling=True/Progressing, SidecarReady=False/NotReady, observedGeneration 2, readinessTransitions",
      "event SidecarReadinessLost",
      "event UpdateStarted",
      "report plan image started",
      "run apply-statefulset => done",
      "run apply-service => done",
      "run observe-image => again in 0 ms",
      "report observe-image waits 0 ms",
      "patch status: plan Active image at 3/4 observe-image Pending, applied, podDeletion",
      "again in 0 ms",
      "run observe-image (not fresh) => again in 5000 ms",
      "report observe-image waits 5000 ms",
      "again in 5000 ms",
      "probe sidecar for 500 ms => notReady",
      "run observe-image (not fresh) => done",
      "run mark-ready (not fresh) => done",
      "probe sidecar for 500 ms => ready",
      "patch status: plan null, outcomes 1: image ImageChanged Complete healed, Drift=False/NoDrift, NodeUpdateInProgress=False/UpdateComplete, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, currentImage seid:v2, currentSidecarImage sidecar:v1, readinessTransitions, rolledOutPod",
      "event SidecarReadinessRestored",
      "event UpdateComplete",
      "report plan image ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "the image drifts alone",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ image: "seid:v2" });
      await play.reconcile();
      await play.reconcile();
      stage.pod = anUpdatedPod();
      stage.gate = "shut";
      play.wakeByPod();
      await play.settle();
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
      "run apply-service => done",
      "run observe-image => again in 0 ms",
      "report observe-image waits 0 ms",
      "patch status: plan Active image at 3/4 observe-image Pending, applied, podDeletion",
      "again in 0 ms",
      "run observe-image (not fresh) => again in 5000 ms",
      "report observe-image waits 5000 ms",
      "again in 5000 ms",
      "probe sidecar for 500 ms => notReady",
      "patch status: SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "run observe-image (not fresh) => done",
      "run mark-ready (not fresh) => done",
      "probe sidecar for 500 ms => ready",
      "patch status: plan null, outcomes 1: image ImageChanged Complete healed, Drift=False/NoDrift, NodeUpdateInProgress=False/UpdateComplete, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, currentImage seid:v2, currentSidecarImage sidecar:v1, readinessTransitions, rolledOutPod",
      "event SidecarReadinessRestored",
      "event UpdateComplete",
      "report plan image ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "the image is edited again while it is rolled out",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ image: "seid:v2" });
      await play.reconcile();
      stage.edit({ image: "seid:v3" });
      await play.reconcile();
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
      "run apply-service => done",
      "run observe-image => again in 0 ms",
      "report observe-image waits 0 ms",
      "patch status: plan Active image at 3/4 observe-image Pending, applied, podDeletion",
      "again in 0 ms",
      "patch status: Ready reworded, observedGeneration 3",
      "patch status: plan null, outcomes 1: image ImageChanged Superseded - spec.image changed, NodeUpdateInProgress=False/UpdateSuperseded, Reconciling reworded",
      "event UpdateSuperseded",
      "report plan image ended: superseded",
      "again in 0 ms",
      "report drift image (act): apply-statefulset apply-service observe-image mark-ready",
      "patch status: plan Active image at 1/4 apply-statefulset Pending, Drift reworded, NodeUpdateInProgress=True/UpdateStarted, PodOutdated=True/TemplateChanged, Reconciling reworded",
      "event UpdateStarted",
      "report plan image started",
      "run apply-statefulset => done",
      "run apply-service => done",
      "run observe-image => again in 5000 ms",
      "report observe-image waits 5000 ms",
      "patch status: plan Active image at 3/4 observe-image Pending, applied",
      "again in 5000 ms",
    ],
  ],
  [
    "a node is paused",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ paused: true });
      await play.reconcile();
      stage.pod = null;
      play.wakeByPod();
      await play.reconcile();
      stage.now += 10_000;
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "patch status: Paused=True/Paused, Ready=False/Paused, Reconciling=True/Progressing, SidecarReady=Unknown/Paused, observedGeneration 2",
      "report attention Paused, was none",
      "event Paused",
      "live read node and its objects",
      "report attention Paused, was none",
      "event Paused",
      "scale => done",
      "patch status: applied",
      "again in 10000 ms",
      "patch status: Reconciling=False/NotReconciling",
      "again in 10000 ms",
      "again in 10000 ms",
    ],
  ],
  [
    "a pause ends a plan that is under way",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.gate = "shut";
      play.outcomes.push({ kind: "again", afterMs: 700, why: "not yet" });
      await play.reconcile();
      stage.edit({ paused: true });
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => again in 700 ms",
      "report mark-ready waits 700 ms",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending",
      "again in 700 ms",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Superseded - spec.paused is set, Paused=True/Paused, Ready=False/Paused, Reconciling reworded, SidecarReady=Unknown/Paused, observedGeneration 2",
      "report attention Paused, was none",
      "event Paused",
      "report plan sidecar-ready ended: superseded",
      "live read node and its objects",
      "report attention Paused, was none",
      "event Paused",
      "event SidecarReadinessLost",
      "scale => done",
      "patch status: applied",
      "again in 10000 ms",
    ],
  ],
  [
    "a pause ends",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ paused: true });
      await play.settle();
      stage.pod = null;
      play.wakeByPod();
      await play.settle();
      stage.now += 10_000;
      play.cut();
      stage.edit({ paused: false });
      await play.reconcile();
      stage.pod = aPod("pod-2");
      stage.gate = "shut";
      play.wakeByPod();
      await play.settle();
    },
    [
      "report drift workload (act): apply-statefulset apply-service",
      "patch status: plan Active workload at 1/2 apply-statefulset Pending, Drift=True/WorkloadChanged, Paused=False/NotPaused, Ready=False/SpecNotApplied, Reconciling=True/Progressing, SidecarReady=Unknown/Unreachable, observedGeneration 3",
      "report attention none, was Paused",
      "event Resumed",
      "report plan workload started",
      "run apply-statefulset => done",
      "run apply-service => done",
      "patch status: plan null, outcomes 1: workload WorkloadChanged Complete healed, Drift=False/NoDrift, Ready=Unknown/Unreachable, Reconciling=False/NotReconciling, applied",
      "report plan workload ended: complete healed",
      "again in 10000 ms",
      "probe sidecar for 500 ms => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar for 500 ms => ready",
      "patch status: plan null, outcomes 2: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessRestored",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "a spec is refused",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.edit({ image: 7 });
      await play.reconcile();
      await play.reconcile();
    },
    [
      "patch status: Ready=False/InvalidSpec, Stalled=True/InvalidSpec, observedGeneration 2",
      "report attention InvalidSpec, was none",
      "event InvalidSpec",
      "no timer",
      "no timer",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
