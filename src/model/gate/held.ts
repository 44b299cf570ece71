/** Gates that stay shut: while a workflow owns a node, or nobody knows who shut its gate, nothing of ours may open it. */
import { type DetectorCondition, type GateHistory, mayOpenGateOf, type SeiNode, type SidecarTask } from "../index.ts";
import { gateHistory } from "./gate-history.ts";

/** The hold that a node's status tells of. */
export type WorkflowHold = "AdoptedWorkflow" | "WorkflowInProgress";

/** Why a gate stays shut; `podUid` is the Pod whose gate it is, null where nobody knows. */
export type Hold =
  | { readonly reason: WorkflowHold | "GateShutOnPurpose" }
  | { readonly reason: "GateHistoryUnknown"; readonly why: string; readonly podUid: string | null };

/** The hold that the node's status tells of; null when there is none. */
export function workflowHold(node: SeiNode): WorkflowHold | null {
  const { adoptedWorkflow, conditions } = node.status;
  if (adoptedWorkflow !== undefined && adoptedWorkflow !== null) return "AdoptedWorkflow";
  const inProgress = conditions?.find((condition) => condition.type === "WorkflowInProgress");
  return inProgress?.status === "True" ? "WorkflowInProgress" : null;
}

/** The hold that the tasks tell of; null when there is none, or a person said that this Pod's gate may be opened. */
export function historyHold(node: SeiNode, podUid: string | null, history: GateHistory): Hold | null {
  switch (history.kind) {
    case "mayOpen":
      return null;
    case "shutOnPurpose":
      return { reason: "GateShutOnPurpose" };
    case "unknown":
      if (podUid !== null && mayOpenGateOf(node, podUid)) return null;
      return { reason: "GateHistoryUnknown", why: history.why, podUid };
  }
}

/** Why the shut gate of this Pod must stay shut, as its sidecar's tasks tell; null when it may be opened. */
export function gateHold(node: SeiNode, podUid: string, tasks: readonly SidecarTask[]): string | null {
  const hold = historyHold(node, podUid, gateHistory(tasks));
  return hold === null ? null : messageOf(hold, node);
}

/** Condition `HeldByWorkflow` as those tasks tell it. */
export function gateCondition(
  node: SeiNode,
  podUid: string,
  tasks: readonly SidecarTask[],
): Omit<DetectorCondition, "quiet"> {
  const { type, status, reason, message } = heldCondition(historyHold(node, podUid, gateHistory(tasks)), node);
  return { type, status, reason, message };
}

/** Condition `HeldByWorkflow`. */
export function heldCondition(hold: Hold | null, node: Pick<SeiNode, "metadata" | "status">): DetectorCondition {
  const type = "HeldByWorkflow";
  if (hold === null) return { type, status: "False", reason: "NotHeld", message: "", quiet: true };
  const status = hold.reason === "GateHistoryUnknown" ? "Unknown" : "True";
  return { type, status, reason: hold.reason, message: messageOf(hold, node) };
}

function messageOf(hold: Hold, node: Pick<SeiNode, "metadata" | "status">): string {
  switch (hold.reason) {
    case "AdoptedWorkflow":
      return `status.adoptedWorkflow is set: workflow ${nameOf(node)} owns this node's gate`;
    case "WorkflowInProgress":
      return "a workflow is in progress and owns this node's gate";
    case "GateShutOnPurpose":
      return "no mark-ready completed after the sidecar's newest mark-not-ready: the gate was shut on purpose";
    case "GateHistoryUnknown":
      return `whether the gate was shut on purpose is not known: ${hold.why}. ${wayOut(node, hold.podUid)}`;
  }
}

/** As its owner wrote it: somebody else's field, cut to what is worth telling. */
function nameOf({ status: { adoptedWorkflow } }: Pick<SeiNode, "status">): string {
  const { name } = Object(adoptedWorkflow);
  return typeof name === "string" && name !== "" ? name.slice(0, 253) : "without a name";
}

function wayOut({ metadata: { namespace, name } }: Pick<SeiNode, "metadata">, podUid: string | null): string {
  const annotation = `tidekeeper.sei.io/open-gate=${podUid ?? "POD_UID"}`;
  return `If the node's data is whole, open it: kubectl annotate seinode ${name} -n ${namespace} --overwrite ${annotation}`;
}
