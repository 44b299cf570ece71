/** What the loop asks of the world, call by call: a node is deleted. */
import { expect, test } from "bun:test";
import { FINALIZER } from "../../src/model/index.ts";
import { PLAN_STORED } from "../fixtures/healing-lines.ts";
import { linesOf, type Play, type Situation } from "../fixtures/sequence.ts";

function beginDeleted(play: Play): Play["stage"] {
  const stage = play.begin();
  stage.raw.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  return stage;
}

const SITUATIONS: readonly Situation[] = [
  [
    "a node is deleted, and let go when what is its own is gone",
    async (play) => {
      const stage = beginDeleted(play);
      await play.reconcile();
      stage.statefulSet = null;
      stage.claim = null;
      await play.reconcile();
    },
    [
      "event TearingDown",
      "tear down => again in 1000 ms",
      "patch status: phase Terminating, outcomes none, Ready=False/Terminating, Reconciling=True/Terminating, observedGeneration 1, phaseTransitionTime 2026-01-01T00:00:00.000Z",
      "event PhaseTransition",
      "report phase Running to Terminating",
      "again in 1000 ms",
      "tear down => done",
      "patch status: Reconciling reworded",
      "patch finalizers: none",
      "no timer",
    ],
  ],
  [
    "a node is deleted while a plan is under way",
    async (play) => {
      const stage = await play.beginQuiet();
      stage.gate = "shut";
      play.outcomes.push({ kind: "again", afterMs: 700, why: "not yet" });
      await play.reconcile();
      stage.raw.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
      await play.reconcile();
    },
    [
      "probe sidecar => notReady",
      ...PLAN_STORED,
      "run mark-ready => again in 700 ms",
      "report mark-ready waits 700 ms",
      "patch status: plan Active sidecar-ready at 1/1 mark-ready Pending",
      "again in 700 ms",
      "event TearingDown",
      "tear down => again in 1000 ms",
      "patch status: phase Terminating, plan null, outcomes 1: sidecar-ready SidecarNotReady Superseded - the node is being deleted, Ready=False/Terminating, Reconciling=True/Terminating, phaseTransitionTime 2026-01-01T00:00:10.000Z",
      "event PhaseTransition",
      "report plan sidecar-ready ended: superseded",
      "report phase Running to Terminating",
      "again in 1000 ms",
    ],
  ],
  [
    "the reply to the patch that lets a deleted node go is lost, then the node is gone",
    async (play) => {
      const stage = beginDeleted(play);
      stage.statefulSet = stage.service = stage.claim = null;
      play.finalizerReplies.push({ kind: "lost", why: "reset" }, { kind: "gone" });
      await play.reconcile();
      await play.reconcile();
    },
    [
      "event TearingDown",
      "tear down => done",
      "patch status: phase Terminating, outcomes none, Ready=False/Terminating, Reconciling=True/Terminating, observedGeneration 1, phaseTransitionTime 2026-01-01T00:00:00.000Z",
      "event PhaseTransition",
      "report phase Running to Terminating",
      "patch finalizers: none => lost",
      "report problem: the reply to the last patch of a deleted node was lost: reset; again in 30 ms",
      "again in 30 ms",
      "live read node",
      "tear down => done",
      "patch finalizers: none => gone",
      "no timer",
    ],
  ],
  [
    "a node is deleted that leaves behind what is its own",
    async (play) => {
      const stage = beginDeleted(play);
      stage.raw.metadata["finalizers"] = [FINALIZER, "orphan"];
      await play.reconcile();
    },
    ["event LeftBehind", "patch finalizers: orphan", "no timer"],
  ],
  [
    "the Lease is lost while a deleted node is torn down",
    async (play) => {
      const stage = beginDeleted(play);
      play.after.set("tear down", () => (stage.mayWrite = false));
      await play.reconcile();
    },
    ["event TearingDown", "tear down => again in 1000 ms", "again in 1000 ms"],
  ],
];

test.each(SITUATIONS)("%s", async (_title, play, lines) => {
  expect(await linesOf(play)).toEqual([...lines]);
});
