/** The holds of a gate, and how they are told. */
import { expect, test } from "bun:test";
import type { GateHistory } from "../../../src/model/index.ts";
import { gateHold, heldCondition, historyHold, workflowHold } from "../../../src/model/gate/held.ts";
import { Stage } from "../../fixtures/stage.ts";

const OPEN_GATE = "tidekeeper.sei.io/open-gate";
const nine = "2026-01-01T09:00:00Z";
const inProgress = {
  type: "WorkflowInProgress",
  reason: "Running",
  message: "",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  observedGeneration: 1,
};

test.each([
  ["nothing said", {}, null],
  ["an adopted workflow", { adoptedWorkflow: { name: "restore" } }, "AdoptedWorkflow"],
  ["a workflow that was let go", { adoptedWorkflow: null }, null],
  ["a workflow in progress", { conditions: [{ ...inProgress, status: "True" }] }, "WorkflowInProgress"],
  ["a workflow that is over", { conditions: [{ ...inProgress, status: "False" }] }, null],
  ["a workflow that nobody knows of", { conditions: [{ ...inProgress, status: "Unknown" }] }, null],
])("with %s", (_title, status, hold) => {
  expect<string | null>(workflowHold(new Stage({ phase: "Running", ...status }).node())).toBe(hold);
});

const UNKNOWN: GateHistory = { kind: "unknown", why: "a gate task has no readable time" };

test.each<[string, GateHistory, string | undefined, string | null]>([
  ["a gate that may be opened", { kind: "mayOpen" }, undefined, null],
  ["a gate shut on purpose", { kind: "shutOnPurpose" }, undefined, "GateShutOnPurpose"],
  ["one that nobody knows of", UNKNOWN, undefined, "GateHistoryUnknown"],
  ["one that a person lets open", UNKNOWN, "pod-1", null],
  ["the consent to another Pod's", UNKNOWN, "pod-0", "GateHistoryUnknown"],
  ["a consent to any", UNKNOWN, "true", "GateHistoryUnknown"],
  ["an empty consent", UNKNOWN, "", "GateHistoryUnknown"],
  ["a consent to open what was shut on purpose", { kind: "shutOnPurpose" }, "pod-1", "GateShutOnPurpose"],
])("%s", (_title, history, consent, reason) => {
  const node = annotated(consent === undefined ? {} : { [OPEN_GATE]: consent });
  expect<string | null>(historyHold(node, "pod-1", history)?.reason ?? null).toBe(reason);
});

test("a consent opens no gate while the Pod is not known", () => {
  const node = annotated({ [OPEN_GATE]: "" });
  expect([historyHold(node, null, UNKNOWN)?.reason, historyHold(node, "", UNKNOWN)?.reason]).toEqual([
    "GateHistoryUnknown",
    "GateHistoryUnknown",
  ]);
});

test("why a gate stays shut is told from its tasks, with the way out where there is one", () => {
  const shutting = { id: "x", type: "mark-not-ready", status: "completed", error: null, submittedAt: nine } as const;
  const opening = { ...shutting, id: "y", type: "mark-ready" };
  expect(gateHold(annotated({}), "pod-1", [])).toBeNull();
  expect(gateHold(annotated({}), "pod-1", [shutting])).toContain("shut on purpose");
  const why = gateHold(annotated({}), "pod-1", [shutting, opening]);
  expect(why).toContain("at the same moment");
  expect(why).toContain("kubectl annotate seinode node -n sei --overwrite tidekeeper.sei.io/open-gate=pod-1");
  expect(gateHold(annotated({ [OPEN_GATE]: "pod-1" }), "pod-1", [shutting, opening])).toBeNull();
  expect(gateHold(annotated({ [OPEN_GATE]: "pod-1" }), "pod-1", [shutting])).toContain("shut on purpose");
});

test("a hold is told in words, and no hold is not worth a write", () => {
  const node = new Stage().node();
  expect(heldCondition(null, node)).toMatchObject({ status: "False", reason: "NotHeld", quiet: true });
  for (const reason of ["AdoptedWorkflow", "WorkflowInProgress", "GateShutOnPurpose"] as const) {
    const { status, message, quiet, ...told } = heldCondition({ reason }, node);
    expect({ status, reason: told.reason, quiet }).toEqual({ status: "True", reason, quiet: undefined });
    expect(message.length).toBeGreaterThan(10);
  }
  const unknown = heldCondition({ reason: "GateHistoryUnknown", why: "no time", podUid: "pod-1" }, node);
  expect(unknown).toMatchObject({ status: "Unknown", reason: "GateHistoryUnknown" });
  expect(unknown.message).toContain("no time");
});

function annotated(annotations: Record<string, string>) {
  const stage = new Stage();
  stage.annotate(annotations);
  return stage.node();
}
