/** The closed sets that users, alerts and documents share: every name here stands in docs/reference.md. */

import { ATTENTION_REASONS, type AttentionReason, attentionState } from "./attention-states.ts";

/** Reasons of conditions, with what each means; a detector declares those that are its own. */
export const CONDITION_REASONS = {
  Ready: "The sidecar answered 200 (SidecarReady), or the node runs with its gate open (Ready).",
  NotReady: "The sidecar itself answered 503 and lists its tasks: its gate is shut.",
  Unreachable: "The sidecar gave no answer: refused, timed out, or no Pod that could answer. No evidence of drift.",
  ProbeError:
    "Something answered that is neither 200 nor the sidecar's own 503: one with a body, or without readable tasks, is a proxy's. No evidence of drift.",
  Paused: "spec.paused is set: nothing is done to the node.",
  UpdateStarted: "A plan that rolls the node to spec.image is Active.",
  UpdateComplete: "The Pod of the new revision was seen running its image and its gate was opened.",
  UpdateFailed: "The plan ended without the roll-out seen through; another follows after a pause.",
  UpdateSuperseded:
    "The plan's ground was gone: spec.image changed, or its gate could not be reached for 15 min. A new plan follows where one is needed.",
  AdoptedWorkflow: "status.adoptedWorkflow is set: a workflow owns the gate.",
  WorkflowInProgress: "Condition WorkflowInProgress is True: a workflow owns the gate.",
  GateShutOnPurpose:
    "No mark-ready completed after the sidecar's newest mark-not-ready: somebody shut the gate and means it.",
  GateHistoryUnknown:
    "The sidecar's tasks do not tell whether the gate was shut on purpose; it stays shut until a person consents.",
  NoDrift: "No detector sees a gap.",
  ConsentNeeded:
    "To take the node over would replace its Pod (TakeOver), or its objects stand there and nobody owns them (Stalled): they are left alone until a person consents.",
  NotHeld: "No workflow holds the gate.",
  InvalidSpec: "The spec breaks a rule that its schema should have enforced; nothing is written to its objects.",
  UnsupportedSpec: "The spec uses fields that this version does not serve; nothing is written to its objects.",
  SpecTooLarge:
    "The spec takes more than 256 KiB; nothing is written to its objects, and the gate is still looked after.",
  PVCValidated: "The imported claim was bound, large enough and this node's alone when init looked.",
  PVCNotReady: "The imported claim, or its volume, is waited for; the message says what is missing.",
  PVCInvalid: "The imported claim can never be this node's data volume; the message says why.",
  DataVolumeLost:
    "The claim that init completed on is gone or was replaced, or is not labelled as the node's; a gate that is shut stays shut.",
  StatusLost:
    "Status does not tell where the node stands, though something of it does: nothing proves that its data is whole, so nothing is done and the gate stays shut.",
  CRDTooOld: "The API server dropped a status field: its SeiNode CRD is older than this program.",
  CorruptPlan: "status.plan does not hold together; it was set aside and nothing was done for it.",
  ObjectRefused:
    "The API server refused an object of a node that is brought up; it goes on when the spec is corrected.",
  InitFailed: "The plan that brings the node up failed, or is gone before its end.",
  BackingOff:
    "The last plan for the drift came to nothing, and the next one comes after a pause; Ready says when, status.outcomes why.",
  WatchSilent:
    "The watch of some resource tells nothing, so what is known of the node may be old (Reconciling names it).",
  Initializing: "The plan that brings the node up is Active.",
  PodNotRunning: "The node's Pod does not run, or none comes; the message says why, in the cluster's own words.",
  SpecNotApplied:
    "What runs is not what the spec asks for: the image, the StatefulSet or the template that the Pod was made from differs. The message says in what.",
  ChangedSinceInit:
    "Fields of the spec that only bringing the node up applies were changed since; the message names them.",
  AsInitialized: "The spec is what the node was brought up with, where only that applies it.",
  Progressing: "A plan is Active, a pause is being carried out, or the sidecar is not known to be ready.",
  NotStalled: "Nothing stands in the way.",
  NotPaused: "spec.paused is not set.",
  NotReconciling: "Nothing is under way.",
  Terminating: "The node was deleted; what is its own is being taken down.",
  TearDownFailed: "What is the node's own could not be taken down; the message says what and why.",
  DetectorFailed: "A detector threw, overran its deadline or returned something malformed.",
  DetectorsWorking: "Every detector answered.",
} as const;

/** A reason of a condition. */
export type ConditionReason = keyof typeof CONDITION_REASONS;

/** Reasons of Events, with what each means. */
export const EVENT_REASONS = {
  SidecarReadinessLost: "Warning: the sidecar's gate was found shut after it was open, or at first sight.",
  SidecarReadinessRestored: "Normal: the sidecar's gate is open again.",
  PhaseTransition: "Normal: status.phase changed.",
  PlanFailed: "Warning: a plan ended without reaching its goal.",
  DetectorFailed: "Warning: a detector threw, overran its deadline or returned something malformed.",
  UpdateStarted: "Normal: a roll-out begins; the note has both images.",
  UpdateComplete: "Normal: a roll-out was seen through; the note has both images.",
  UpdateSuperseded: "Normal: a roll-out was given up, since its ground was gone; the note has both images.",
  Resumed: "Normal: spec.paused is no longer set.",
  TearingDown:
    "The node was deleted; the note names what goes, the claim with its data first (Warning where that goes).",
  LeftBehind: "Normal: the node was deleted with --cascade=orphan; the note names what stays.",
  ...statesAsEvents(),
  PodNotRunning:
    "Warning: the node's Pod does not come to run, or none comes; the note has the words of the kubelet, the scheduler or the StatefulSet controller, such as ImagePullBackOff.",
  SpecUnapplied: "Warning: the spec was edited where only bringing the node up applies it.",
} as const;

/** A state that wants a person has an Event of its reason. */
function statesAsEvents(): Readonly<Record<AttentionReason, string>> {
  const told = ATTENTION_REASONS.flatMap((reason) => {
    const { event } = attentionState(reason);
    return event === null || event === "own" ? [] : [[reason, `${event}: ${CONDITION_REASONS[reason]}`] as const];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one that a whole fleet comes to has none, and nobody asks for it
  return Object.fromEntries(told) as Record<AttentionReason, string>;
}

/** A reason of an Event. */
export type EventReason = keyof typeof EVENT_REASONS;

/** Codes of failed tasks and plans, with what each means. They open `error` of a task. */
export const ERROR_CODES = {
  DEADLINE_EXCEEDED:
    "The plan was tried, or the task seen under way, for longer than it may be. Time that nobody watched does not count.",
  UNKNOWN_TASK: "The stored plan names a task type that this version does not know.",
  BAD_PARAMS: "The stored params of a task cannot be read.",
  SIDECAR_REJECTED: "The sidecar refused the task (4xx); asking again would not help.",
  SIDECAR_TASK_FAILED: "The sidecar ran the task and it failed.",
  FOREIGN_OBJECT: "An object of the name we need belongs to somebody else.",
  BOOTSTRAP_FAILED: "The bootstrap Job failed, is gone before it was seen complete, or must not be started.",
  DATA_VOLUME_LOST: "The data volume is not the one that init completed on; the gate stays shut.",
  DATA_VOLUME_SHARED: "Another SeiNode uses the imported claim; the gate stays shut.",
  IMPORT_INVALID: "The imported claim can never be this node's data volume; condition ImportPVCReady says why.",
  API_REFUSED: "The API server refused the object (403, 422); asking again unchanged would not help.",
} as const;

/** A code of a failed task. */
export type ErrorCode = keyof typeof ERROR_CODES;
