import { expect, test } from "bun:test";
import type { SidecarTask } from "../../src/core/detector.ts";
import { heldCondition, isShutOnPurpose, workflowHold } from "../../src/drift/held.ts";
import { Stage } from "../fixtures/stage.ts";

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

function task(type: string, submittedAt: string | null, status: SidecarTask["status"] = "completed"): SidecarTask {
  return { id: `${type}-${submittedAt}`, type, status, error: null, submittedAt };
}

const [nine, ten] = ["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"];

test.each<[string, readonly SidecarTask[], boolean]>([
  ["no tasks", [], false],
  ["a gate that was opened", [task("mark-ready", nine)], false],
  ["a gate that was shut", [task("mark-not-ready", nine)], true],
  ["a gate that was shut, then opened", [task("mark-not-ready", nine), task("mark-ready", ten)], false],
  ["a gate that was opened, then shut", [task("mark-ready", nine), task("mark-not-ready", ten)], true],
  ["the newest in front", [task("mark-not-ready", ten), task("mark-ready", nine)], true],
  ["a later task that is none of the gate's", [task("snapshot-upload", ten), task("mark-not-ready", nine)], true],
  ["a shutting that is still under way", [task("mark-not-ready", ten, "running"), task("mark-ready", nine)], true],
  ["times in other zones", [task("mark-ready", "2026-01-01T11:00:00+02:00"), task("mark-not-ready", ten)], true],
  ["two of one moment: the list is newest first", [task("mark-not-ready", nine), task("mark-ready", nine)], true],
  ["a task without a time is older than one with", [task("mark-ready", null), task("mark-not-ready", nine)], true],
])("a list with %s", (_title, tasks, isShut) => {
  expect(isShutOnPurpose(tasks)).toBe(isShut);
});

test("a hold is told in words, and no hold is not worth a write", () => {
  expect(heldCondition(null)).toMatchObject({ status: "False", reason: "NotHeld", quiet: true });
  for (const hold of ["AdoptedWorkflow", "WorkflowInProgress", "GateShutOnPurpose"] as const) {
    const { status, reason, message, quiet } = heldCondition(hold);
    expect({ status, reason, quiet }).toEqual({ status: "True", reason: hold, quiet: undefined });
    expect(message.length).toBeGreaterThan(10);
  }
});
