/** What the loop asks of the world, call by call: how a node is brought up, or taken over. */
import { expect, test } from "bun:test";
import { aClaim, aPod, aRunningStatus, aService, aStatefulSet } from "../fixtures/stage.ts";
import { HEALED } from "../fixtures/healing-lines.ts";
import { linesOf, type Situation } from "../fixtures/sequence.ts";

const SITUATIONS: readonly Situation[] = [
  [
    "a new node is brought up",
    async (play) => {
      const stage = play.begin({ status: {} });
      stage.raw.metadata["finalizers"] = [];
      stage.statefulSet = stage.service = stage.claim = stage.pod = null;
      stage.gate = "shut";
      await play.reconcile();
      stage.pod = aPod("pod-1");
      play.wakeByPod();
      await play.settle();
    },
    [
      "patch finalizers: sei.io/seinode-finalizer",
      "live read what stands => nothing",
      "patch status: phase Initializing, plan Active init at 1/8 ensure-data-pvc Pending, outcomes none, Ready=False/Initializing, Reconciling=True/Progressing, initDigest M6zR.L5Wt, observedGeneration 1, phaseTransitionTime 2026-01-01T00:00:00.000Z",
      "event PhaseTransition",
      "report phase none to Initializing",
      "report plan init started",
      "run ensure-data-pvc => done",
      "run apply-statefulset => done",
      "run apply-service => done",
      "run configure-genesis => again in 150 ms",
      "report configure-genesis waits 150 ms",
      "patch status: plan Active init at 4/8 configure-genesis Pending, applied, dataVolume",
      "again in 150 ms",
      "run configure-genesis (not fresh) => done",
      "run config-apply (not fresh) => done",
      "run config-validate (not fresh) => done",
      "run observe-image (not fresh) => done",
      "run mark-ready (not fresh) => done",
      "probe sidecar for 500 ms => ready",
      "patch status: phase Running, plan null, outcomes 1: init NewNode Complete healed, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, currentImage seid:v1, currentSidecarImage sidecar:v1, readinessTransitions, rolledOutPod",
      "event PhaseTransition",
      "report phase Initializing to Running",
      "report plan init ended: complete healed",
      "again in 0 ms",
      "again in 5500 ms",
    ],
  ],
  [
    "the finalizer of a new node meets a conflict",
    async (play) => {
      const stage = play.begin({ status: {} });
      stage.raw.metadata["finalizers"] = [];
      play.finalizerReplies.push({ kind: "conflict" });
      await play.reconcile();
    },
    ["patch finalizers: sei.io/seinode-finalizer => conflict", "again in 30 ms"],
  ],
  [
    "a node waits for the consent of a person, and gets it",
    async (play) => {
      const stage = play.begin({ status: {} });
      stage.stands = true;
      stage.gate = "shut";
      await play.reconcile();
      await play.reconcile();
      stage.annotate({ "tidekeeper.sei.io/accept-data-volume": "claim-1" });
      await play.settle();
    },
    [
      "live read what stands => something",
      "probe sidecar => notReady",
      "patch status: outcomes none, Ready=False/StatusLost, Stalled=True/StatusLost, observedGeneration 1",
      "report attention StatusLost, was none",
      "event StatusLost",
      "again in 10000 ms",
      "live read what stands => something",
      "probe sidecar => notReady",
      "again in 10000 ms",
      "live read what stands => something",
      "patch status: phase Running, Ready=Unknown/Progressing, Reconciling=True/Progressing, Stalled=False/NotStalled, dataVolume, initDigest M6zR.L5Wt, phaseTransitionTime 2026-01-01T00:00:00.000Z",
      "report attention none, was StatusLost",
      "event PhaseTransition",
      "report phase none to Running",
      "again in 0 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling reworded, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "objects that nobody owns are taken over when a person says so",
    async (play) => {
      const stage = play.begin({ status: {} });
      stage.stands = true;
      stage.claim = { ...aClaim("claim-1"), ownerUid: null };
      stage.service = { ...aService(), ownerUid: null };
      stage.statefulSet = { ...aStatefulSet("v1"), ownerUid: null };
      await play.reconcile();
      stage.annotate({ "tidekeeper.sei.io/adopt": "claim-1" });
      await play.settle();
    },
    [
      "live read what stands => something",
      "patch status: outcomes none, Ready=False/ConsentNeeded, Stalled=True/ConsentNeeded, observedGeneration 1",
      "report attention ConsentNeeded, was none",
      "event ConsentNeeded",
      "again in 10000 ms",
      "live read what stands => something",
      "adopt => done",
      "patch status: phase Running, Ready=Unknown/Progressing, Reconciling=True/Progressing, Stalled=False/NotStalled, dataVolume, initDigest M6zR.L5Wt, phaseTransitionTime 2026-01-01T00:00:00.000Z",
      "report attention none, was ConsentNeeded",
      "event PhaseTransition",
      "report phase none to Running",
      "again in 0 ms",
      "probe sidecar => ready",
      "report drift workload (act): observe-image apply-statefulset apply-service",
      "live read node and its objects",
      "report drift workload (act): observe-image apply-statefulset apply-service",
      "patch status: plan Active workload at 1/3 observe-image Pending, Drift=True/TakeOver, Ready=True/Ready, Reconciling reworded, SidecarReady=True/Ready, readinessTransitions",
      "event PhaseTransition",
      "report plan workload started",
      "run observe-image => done",
      "run apply-statefulset => done",
      "run apply-service => done",
      "patch status: plan null, outcomes 1: workload TakeOver Complete healed, Drift=False/NoDrift, Reconciling=False/NotReconciling, applied, currentImage seid:v1, currentSidecarImage sidecar:v1, rolledOutPod",
      "report plan workload ended: complete healed",
      "again in 5500 ms",
    ],
  ],
  [
    "the claim of a Running node is shown by no mirror, and is there",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.claim = null;
      stage.unseenClaim = aClaim("claim-1");
      stage.gate = "shut";
      await play.reconcile();
    },
    [
      "live read claim data-node",
      "probe sidecar => notReady",
      "patch status: Ready=False/DataVolumeLost, SidecarReady=False/NotReady, Stalled=True/DataVolumeLost, readinessTransitions",
      "report attention DataVolumeLost, was none",
      "event SidecarReadinessLost",
      "event DataVolumeLost",
      "again in 10000 ms",
    ],
  ],
  [
    "the claim of a Running node is gone",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.claim = null;
      stage.gate = "shut";
      await play.reconcile();
    },
    [
      "live read claim data-node",
      "probe sidecar => notReady",
      "patch status: Ready=False/DataVolumeLost, SidecarReady=False/NotReady, Stalled=True/DataVolumeLost, readinessTransitions",
      "report attention DataVolumeLost, was none",
      "event SidecarReadinessLost",
      "event DataVolumeLost",
      "again in 10000 ms",
    ],
  ],
  [
    "what stands of a node without a phase cannot be read",
    async (play) => {
      const stage = play.begin({ status: {} });
      stage.isUnread = true;
      await play.reconcile();
    },
    [
      "live read what stands => no answer",
      "report problem: what stands of the node could not be read; again in 30 ms",
      "again in 30 ms",
    ],
  ],
  [
    "a node that Failed is left alone",
    async (play) => {
      play.begin({ status: { ...aRunningStatus(), phase: "Failed" } });
      await play.reconcile();
      await play.reconcile();
    },
    [
      "patch status: outcomes none, Ready=False/InitFailed, Stalled=True/InitFailed, observedGeneration 1",
      "report attention InitFailed, was none",
      "event InitFailed",
      "no timer",
      "no timer",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
