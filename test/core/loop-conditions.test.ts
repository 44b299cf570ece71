/** The conditions that the loop itself sets. */
import { expect, test } from "bun:test";
import { type Condition, type NodeStatus, type Obstacle, StatusDraft } from "../../src/model/index.ts";
import { READINESS } from "../fixtures/readiness.ts";
import { setDrift, summarise, updateEndCondition, updateStartCondition } from "../../src/core/loop-conditions.ts";
import { Stage } from "../fixtures/stage.ts";

const at = "2026-01-01T00:00:00Z";

function set(type: string, status: Condition["status"]): Condition {
  return { type, status, reason: "R", message: "", lastTransitionTime: at, observedGeneration: 1 };
}

function draftOf(status: NodeStatus): StatusDraft {
  return new StatusDraft({ ...new Stage().node(), status }, at);
}

function told(draft: StatusDraft, type: string): string {
  const found = draft.status.conditions?.find((condition) => condition.type === type);
  return found === undefined ? "none" : `${found.status}/${found.reason}`;
}

const lost: Obstacle = { reason: "DataVolumeLost", message: "gone" };
const open = set("SidecarReady", "True");

test.each<[string, NodeStatus, Obstacle | null, readonly [string, string]]>([
  ["an open gate", { phase: "Running", conditions: [open] }, null, ["True/Ready", "none"]],
  ["a shut gate", { phase: "Running", conditions: [set("SidecarReady", "False")] }, null, ["False/NotReady", "none"]],
  [
    "an unknown gate",
    { phase: "Running", conditions: [set("SidecarReady", "Unknown")] },
    null,
    ["Unknown/Progressing", "none"],
  ],
  ["a gate nobody observed", { phase: "Running" }, null, ["Unknown/Progressing", "none"]],
  [
    "an open gate in a roll-out",
    { phase: "Running", conditions: [open, set("NodeUpdateInProgress", "True")] },
    null,
    ["Unknown/Progressing", "none"],
  ],
  ["a pause", { phase: "Running", conditions: [open, set("Paused", "True")] }, null, ["False/Paused", "none"]],
  ["a node under way", { phase: "Initializing" }, null, ["False/Initializing", "none"]],
  ["a new node", {}, null, ["False/Initializing", "none"]],
  ["a failed node", { phase: "Failed" }, null, ["False/InitFailed", "True/InitFailed"]],
  ["an obstacle", { phase: "Running", conditions: [open] }, lost, ["False/DataVolumeLost", "True/DataVolumeLost"]],
  ["an obstacle before a failed phase", { phase: "Failed" }, lost, ["False/DataVolumeLost", "True/DataVolumeLost"]],
  [
    "an obstacle that is gone",
    { phase: "Running", conditions: [open, set("Stalled", "True")] },
    null,
    ["True/Ready", "False/NotStalled"],
  ],
])("%s makes Ready and Stalled what they are", (_title, status, obstacle, want) => {
  const draft = draftOf(status);
  summarise(draft, obstacle, { readiness: READINESS });
  expect([told(draft, "Ready"), told(draft, "Stalled")]).toEqual([...want]);
  expect(draft.status.observedGeneration).toBe(1);
});

test("drift is told in the detector's words, its absence only where it was told before", () => {
  const draft = draftOf({});
  setDrift(draft, null);
  expect(told(draft, "Drift")).toBe("none");
  setDrift(draft, { reason: "ImageChanged", message: "other" });
  expect(told(draft, "Drift")).toBe("True/ImageChanged");
  setDrift(draft, null);
  expect(told(draft, "Drift")).toBe("False/NoDrift");
});

const plan = { id: "x", phase: "Active", tasks: [], message: "v1 to v2" } as const;
const task = { id: "t", status: "Pending", params: {} } as const;

test("only a plan that sees an image through is an update", () => {
  const looks = { ...task, type: "observe-image" };
  expect(updateStartCondition(plan)).toBeNull();
  expect(updateStartCondition({ ...plan, tasks: [looks, { ...task, type: "apply-statefulset" }] })).toBeNull();
  expect(updateStartCondition({ ...plan, tasks: [looks, { ...task, type: "mark-ready" }] })).toMatchObject({
    status: "True",
    reason: "UpdateStarted",
    message: "plan x",
  });
});

test.each([
  ["Complete", "UpdateComplete"],
  ["Failed", "UpdateFailed"],
  ["Superseded", "UpdateSuperseded"],
] as const)("an update that ended %s says so, and whose outcome says why", (outcome, reason) => {
  const status: NodeStatus = { conditions: [set("NodeUpdateInProgress", "True")] };
  expect(updateEndCondition(status, plan, { outcome })).toMatchObject({
    status: "False",
    reason,
    message: "plan x: v1 to v2",
  });
  expect(updateEndCondition({}, plan, { outcome })).toBeNull();
});

test("no text of status is said twice", () => {
  const looks = { ...task, type: "observe-image", id: "a" };
  const made = { ...plan, reason: "ImageChanged", tasks: [looks, { ...task, type: "mark-ready" }] };
  const draft = draftOf({ phase: "Running", conditions: [open], plan: made });
  setDrift(draft, { reason: "ImageChanged", message: "other" });
  const started = updateStartCondition(made);
  if (started !== null) draft.condition(started);
  for (const obstacle of [null, lost]) {
    summarise(draft, obstacle, { readiness: READINESS });
    const texts = [made.message, ...(draft.status.conditions ?? []).map(({ message }) => message)];
    const said = texts.filter((text) => text !== "");
    expect(said).toEqual([...new Set(said)]);
    expect(said.filter((text) => text.includes(made.message))).toEqual([made.message]);
  }
});
