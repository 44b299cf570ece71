/** What the loop asks of the world, call by call: where it may only observe. */
import { expect, test } from "bun:test";
import { FINALIZER } from "../../src/model/index.ts";
import { linesOf, type Situation } from "../fixtures/sequence.ts";

const SITUATIONS: readonly Situation[] = [
  [
    "a detector that only observes tells its drift, and nothing is done",
    async (play) => {
      const stage = play.begin({ detectors: (own) => own.map((entry) => ({ ...entry, mode: "observe" })) });
      stage.gate = "shut";
      await play.reconcile();
      stage.now += 10_000;
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (observe): mark-ready",
      "patch status: outcomes none, Drift=True/SidecarNotReady, Ready=False/NotReady, SidecarReady=False/NotReady, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "event SidecarReadinessLost",
      "again in 5500 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (observe): mark-ready",
      "again in 10000 ms",
    ],
  ],
  [
    "a detector that is off is not asked",
    async (play) => {
      const stage = play.begin({ detectors: (own) => own.map((entry) => ({ ...entry, mode: "off" })) });
      stage.gate = "shut";
      await play.reconcile();
    },
    ["patch status: outcomes none, Ready=Unknown/Progressing, initDigest M6zR.L5Wt, observedGeneration 1", "no timer"],
  ],
  [
    "a process that only observes tells drift and writes status",
    async (play) => {
      const stage = play.begin();
      stage.mode = "observe";
      stage.gate = "shut";
      await play.reconcile();
      stage.now += 10_000;
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (observe): mark-ready",
      "patch status: outcomes none, Drift=True/SidecarNotReady, Ready=False/NotReady, SidecarReady=False/NotReady, initDigest M6zR.L5Wt, observedGeneration 1, readinessTransitions",
      "event SidecarReadinessLost",
      "again in 5500 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (observe): mark-ready",
      "again in 10000 ms",
    ],
  ],
  [
    "a process that only observes makes nothing of a new node, nor of a deleted one",
    async (play) => {
      const stage = play.begin({ status: {} });
      stage.raw.metadata["finalizers"] = [];
      stage.mode = "observe";
      await play.reconcile();
      stage.raw.metadata["finalizers"] = [FINALIZER];
      stage.raw.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
      await play.reconcile();
    },
    [
      "patch status: outcomes none, Ready=False/Initializing, observedGeneration 1",
      "again in 10000 ms",
      "again in 10000 ms",
    ],
  ],
  [
    "a process without the Lease observes, and writes nothing",
    async (play) => {
      const stage = play.begin();
      stage.mayWrite = false;
      stage.gate = "shut";
      await play.reconcile();
      stage.now += 10_000;
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      "report drift sidecar-ready (observe): mark-ready",
      "again in 5500 ms",
      "probe sidecar => notReady",
      "report drift sidecar-ready (observe): mark-ready",
      "again in 10000 ms",
    ],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
