/** Gates that are shut on purpose: while a workflow owns a node, nothing of ours may open its gate or move its Pod. */
import type { DetectorCondition, SeiNode, SidecarTask } from "../plugin/index.ts";

/** Why a node is held. */
export type Hold = "AdoptedWorkflow" | "WorkflowInProgress" | "GateShutOnPurpose";

/** The hold that the node's status tells of; null when there is none. */
export function workflowHold(node: SeiNode): Hold | null {
  const { adoptedWorkflow, conditions } = node.status;
  if (adoptedWorkflow !== undefined && adoptedWorkflow !== null) return "AdoptedWorkflow";
  const inProgress = conditions?.find((condition) => condition.type === "WorkflowInProgress");
  return inProgress?.status === "True" ? "WorkflowInProgress" : null;
}

/** True when the newest gate task is `mark-not-ready`: somebody shut the gate and means it. */
export function isShutOnPurpose(tasks: readonly SidecarTask[]): boolean {
  const gate = tasks.filter((task) => task.type === "mark-ready" || task.type === "mark-not-ready");
  const newest = gate.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  return newest?.type === "mark-not-ready";
}

function timeOf(task: SidecarTask): number {
  const time = task.submittedAt === null ? Number.NaN : Date.parse(task.submittedAt);
  return Number.isNaN(time) ? 0 : time;
}

/** Condition `HeldByWorkflow`. */
export function heldCondition(hold: Hold | null): DetectorCondition {
  if (hold === null) {
    return { type: "HeldByWorkflow", status: "False", reason: "NotHeld", message: "", quiet: true };
  }
  const messages = {
    AdoptedWorkflow: "status.adoptedWorkflow is set: a workflow owns this node's gate",
    WorkflowInProgress: "a workflow is in progress and owns this node's gate",
    GateShutOnPurpose: "the newest gate task of the sidecar is mark-not-ready: the gate was shut on purpose",
  } as const;
  return { type: "HeldByWorkflow", status: "True", reason: hold, message: messages[hold] };
}
