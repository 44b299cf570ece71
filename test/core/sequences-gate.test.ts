/** What the loop asks of the world, call by call: a Running node is observed, and its gate opened. */
import { expect, test } from "bun:test";
import { aPod, aRunningStatus } from "../fixtures/stage.ts";
import { PLAN_STORED, HEALED } from "../fixtures/healing-lines.ts";
import { linesOf, type Situation } from "../fixtures/sequence.ts";

const SITUATIONS: readonly Situation[] = [
  [
    "a Running node is seen for the first time, its gate open",
    async (play) => {
      play.begin();
      await play.reconcile();
    },
    [
      "probe sidecar => ready",
      "patch status: outcomes none, Ready=True/Ready, SidecarReady=True/Ready, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "again in 5500 ms",
    ],
  ],
  [
    "a quiet node is observed again",
    async (play) => {
      await play.beginQuiet();
      await play.reconcile();
    },
    ["probe sidecar => ready", "again in 10000 ms"],
  ],
  [
    "a gate is found shut",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.gate = "shut";
      await play.settle();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending, Drift=True/SidecarNotReady, Ready=False/NotReady, Reconciling=True/Progressing, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "report plan sidecar-ready started",
      "run mark-ready => done",
      "probe sidecar => ready",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete healed, Drift=False/NoDrift, Ready=True/Ready, Reconciling=False/NotReconciling, SidecarReady=True/Ready, readinessTransitions",
      "event SidecarReadinessRestored",
      "report plan sidecar-ready ended: complete healed",
      "again in 10000 ms",
    ],
  ],
  [
    "a replaced Pod has its gate shut",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.pod = aPod("pod-2");
      stage.gate = "shut";
      play.wakeByPod();
      await play.settle();
    },
    [
      "probe sidecar for 500 ms => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar for 500 ms => ready",
      ...HEALED,
    ],
  ],
  [
    "a gate does not answer",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.gate = "unreachable";
      await play.reconcile();
      stage.now += 40_000;
      await play.reconcile();
    },
    [
      "probe sidecar => unreachable",
      "patch status: Ready=Unknown/Unreachable, SidecarReady=Unknown/Unreachable",
      "again in 10000 ms",
      "probe sidecar => unreachable",
      "report unknown sidecar: Unreachable",
      "again in 10000 ms",
    ],
  ],
  [
    "a gate does not answer after a Pod event, and then is shut",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.pod = aPod("pod-2");
      stage.gate = "unreachable";
      play.wakeByPod();
      await play.reconcile();
      await play.wait(100);
      stage.gate = "shut";
      await play.wait(50);
      await play.settle();
    },
    [
      "probe sidecar for 500 ms => unreachable",
      "patch status: Ready=Unknown/Unreachable, SidecarReady=Unknown/Unreachable",
      "again in 10000 ms",
      "probe between reconciles => unreachable",
      "probe between reconciles => unreachable",
      "probe between reconciles => notReady",
      "enqueue sei/node",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar for 500 ms => ready",
      ...HEALED,
    ],
  ],
  [
    "a gate answers an odd status",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.gate = "odd";
      await play.reconcile();
    },
    [
      "probe sidecar => probeError",
      "patch status: Ready=Unknown/ProbeError, SidecarReady=Unknown/ProbeError",
      "again in 10000 ms",
    ],
  ],
  [
    "there is no Pod to ask",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.pod = null;
      play.wakeByPod();
      await play.reconcile();
    },
    ["patch status: Ready=Unknown/Unreachable, SidecarReady=Unknown/Unreachable", "again in 10000 ms"],
  ],
  [
    "an idle node is asked whether its gate is open, and it is",
    async (play) => {
      await play.beginIdle();
      await play.probeIdle();
    },
    ["probe between reconciles => ready", "probe again in 10000 ms"],
  ],
  [
    "an idle probe finds the gate shut",
    async (play) => {
      const stage = await play.beginIdle();
      stage.gate = "shut";
      await play.probeIdle();
      await play.settle();
    },
    [
      "probe between reconciles => notReady",
      "reconcile now",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => ready",
      ...HEALED,
    ],
  ],
  [
    "an idle probe gets no answer",
    async (play) => {
      const stage = await play.beginIdle();
      stage.gate = "unreachable";
      await play.probeIdle();
      await play.reconcile();
    },
    [
      "probe between reconciles => unreachable",
      "reconcile now",
      "probe sidecar => unreachable",
      "patch status: Ready=Unknown/Unreachable, SidecarReady=Unknown/Unreachable",
      "again in 10000 ms",
    ],
  ],
  [
    "a workflow holds the gate shut",
    async (play) => {
      const stage = await play.beginQuiet({ status: { ...aRunningStatus(), adoptedWorkflow: { name: "wipe" } } });
      stage.gate = "shut";
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "patch status: Ready=False/AdoptedWorkflow, SidecarReady=False/NotReady, readinessTransitions",
      "event SidecarReadinessLost",
      "again in 10000 ms",
    ],
  ],
  [
    "a gate that was opened stays shut",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.gate = "shut";
      stage.opens = false;
      await play.reconcile();
      stage.now += 500;
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => done",
      "probe sidecar => notReady",
      "patch status: plan null, outcomes 1: sidecar-ready SidecarNotReady Complete, Reconciling=False/NotReconciling",
      "report plan sidecar-ready ended: complete",
      "again in 200 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (act): mark-ready; waits: backOff",
      "again in 500 ms",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
