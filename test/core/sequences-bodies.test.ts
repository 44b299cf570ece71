/** The bodies of status patches, whole, of which the other sequences tell in a line each. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../src/base/index.ts";
import { Play } from "../fixtures/sequence.ts";

const PLAN_ID = "00000001-0000-4000-8000-000000000001";
const [FIRST, SECOND] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:10.000Z"] as const;

/** A condition: `type status reason`, when it became so, and its message. */
function condition(said: string, lastTransitionTime: string, message: string): JsonObject {
  const [type = "", status = "", reason = ""] = said.split(" ");
  return { type, status, reason, message, lastTransitionTime, observedGeneration: 1 };
}

test("the first patch of a Running node", async () => {
  const play = new Play();
  const stage = play.begin();
  await play.reconcile();
  expect(stage.patches).toEqual([
    {
      conditions: [
        condition("SidecarReady True Ready", FIRST, "the sidecar answered 200"),
        condition("Ready True Ready", FIRST, "the node runs and its gate is open"),
      ],
      readinessTransitions: [{ to: "Ready", at: FIRST }],
      observedGeneration: 1,
      initDigest: "M6zR.L5Wt",
      outcomes: [],
    },
  ]);
});

test("the two patches that heal a shut gate", async () => {
  const play = new Play();
  const stage = await play.beginQuiet();
  stage.patches = [];
  stage.gate = "shut";
  await play.reconcile();
  expect(stage.patches).toEqual([
    {
      conditions: [
        condition("SidecarReady False NotReady", SECOND, "the sidecar answered 503: its gate is shut"),
        condition("Ready False NotReady", SECOND, "the sidecar's gate is shut"),
        condition("Drift True SidecarNotReady", SECOND, "the sidecar answers 503: its gate is shut"),
        condition("Reconciling True Progressing", SECOND, "plan for SidecarNotReady"),
      ],
      readinessTransitions: [
        { to: "Ready", at: FIRST },
        { to: "NotReady", at: SECOND },
      ],
      plan: {
        id: PLAN_ID,
        phase: "Active",
        detector: "sidecar-ready",
        reason: "SidecarNotReady",
        createdAt: SECOND,
        generation: 1,
        tasks: [{ type: "mark-ready", id: "b871a160-0ea3-501a-8d3a-7c61e294da9e", status: "Pending", params: {} }],
        madeFrom: { "spec.image": "seid:v1" },
        incarnation: { podUid: "pod-1", containerId: "c-pod-1", restartCount: 0 },
      },
    },
    {
      conditions: [
        condition("SidecarReady True Ready", SECOND, "the sidecar answered 200"),
        condition("Ready True Ready", SECOND, "the node runs and its gate is open"),
        condition("Drift False NoDrift", SECOND, ""),
        condition("Reconciling False NotReconciling", SECOND, ""),
      ],
      readinessTransitions: [
        { to: "NotReady", at: SECOND },
        { to: "Ready", at: SECOND },
      ],
      plan: null,
      outcomes: [
        `${SECOND} sidecar-ready SidecarNotReady Complete healed gen=1 id=00000001 pod=pod-1 container=c-pod-1 restarts=0`,
      ],
    },
  ]);
});
