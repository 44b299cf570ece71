/**
 * The words: node, plan, task, outcome, drift, detector, views of objects, conditions and reasons, with what follows from them
 * alone. Pure data and functions; nothing here asks, waits or writes.
 *
 * Invariants:
 * - a plan is stored, carried on and ended by pure steps, and its task ids never change (test/model/plan-lifecycle.test.ts,
 *   test/model/task-id.test.ts);
 * - the transition time of a condition moves only with its status (test/model/conditions.test.ts);
 * - an outcome that was written as a line is read back as it was (test/model/outcome-line.test.ts);
 * - what is held back after plans in vain follows from status alone (test/model/history.test.ts).
 */
export { askedImages, type TemplateImages } from "./asked-images.ts";
export { ATTENTION_REASONS, type AttentionState, attentionState } from "./attention-states.ts";
export { type Attention, attentionOf, standingState } from "./attention.ts";
export { conditionOf, isTrue, verdict } from "./conditions.ts";
export {
  acceptedVolume,
  adoptedVolume,
  CONSENT_ANNOTATIONS,
  mayOpenGateOf,
  mayReplaceToTakeOver,
  standingWord,
  unheededRestart,
} from "./consent.ts";
export type {
  DetectInput,
  Detector,
  DetectorCondition,
  GateHistory,
  ObserveInput,
  OwnedObjects,
  RbacRule,
  SidecarHealth,
  SidecarTask,
  SidecarView,
  WaitingDrift,
} from "./detector.ts";
export {
  GRACE_MS,
  graceUntil,
  heldBackUntil,
  isSameLife,
  KEPT,
  shortContainerId,
  waitMs,
  withRecord,
} from "./history.ts";
export { isHomeOn } from "./home.ts";
export { isImageApplied, isSameImage } from "./image-reference.ts";
export {
  API_VERSION,
  BOOTSTRAP_COMPONENT,
  COMPONENT_LABEL,
  DO_NOT_DISRUPT_ANNOTATION,
  FIELD_MANAGER,
  GROUP,
  KIND,
  NODE_LABEL,
  PLURAL,
  REFERENCE_FIELD_MANAGER,
  REVISION_LABEL,
  SEID_CONTAINER,
  SIDECAR_CONTAINER,
  SIDECAR_PORT_NAME,
  VERSION,
} from "./labels.ts";
export {
  type Condition,
  type ConditionVerdict,
  FINALIZER,
  isOrphaning,
  keyOf,
  namespaceOf,
  type NodeKey,
  type NodeMetadata,
  type NodeStatus,
  type ReadinessTransition,
  type Rewritten,
  type SeiNode,
} from "./node.ts";
export type { Outcome } from "./outcome.ts";
export type { Phase } from "./phase.ts";
export { outcomeLine, readOutcomeLine, shortId } from "./outcome-line.ts";
export { isAsApplied, type OwnedDigests } from "./owned-digests.ts";
export {
  advancePlan,
  currentTask,
  dueInMs,
  refuseUnanswered,
  isRollOut,
  lapsedField,
  planOf,
  planType,
  refusalOf,
  RUNNING_PLAN_DEADLINE_MS,
  withStart,
  withWait,
} from "./plan-lifecycle.ts";
export type { Drift, Incarnation, PlanOutcome, PlanRecord, StoredPlan, StoredTask, TaskSpec } from "./plan.ts";
export { CONDITION_REASONS, ERROR_CODES, type ErrorCode, EVENT_REASONS, type EventReason } from "./reasons.ts";
export type { DetectorMode, Guard, RegisteredDetector } from "./registered-detector.ts";
export type { DriftReport, PlanEndReport, ReconcileReport } from "./report.ts";
export type { InitFields, Obstacle, SpecGap, SpecVerdict } from "./spec-facts.ts";
export type { Standing } from "./standing.ts";
export { CONDITION_STATES, OUTCOMES, PHASES, PLAN_PHASES, READINESS, TASK_STATES } from "./status-words.ts";
export { droppedField, isEqual, StatusDraft } from "./status.ts";
export type { TaskContext } from "./task-context.ts";
export { taskId } from "./task-id.ts";
export type { TaskTraits } from "./task-traits.ts";
export { applyTasks, firstSightTasks, imageUpdateTasks, markReadyTasks, takeOverTasks } from "./task-recipes.ts";
export { controllerTask, sidecarTask } from "./task-specs.ts";
export type {
  ClaimView,
  ContainerView,
  HomeView,
  JobView,
  PodView,
  ServiceView,
  StatefulSetView,
  Trouble,
} from "./views.ts";
