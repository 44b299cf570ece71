/**
 * The one door for drift detectors, ours and anyone's: the types they are written against.
 *
 * A plugin imports this module as `tidekeeper/plugin`. What is not re-exported here is no part of the contract.
 */
export type { Json, JsonObject } from "../base/index.ts";
export {
  applyTasks,
  askedImages,
  type ClaimView,
  type Condition,
  type ConditionVerdict,
  type ContainerView,
  type DetectInput,
  type Detector,
  type DetectorCondition,
  type Drift,
  firstSightTasks,
  type GateHistory,
  imageUpdateTasks,
  type Incarnation,
  isAsApplied,
  isHomeOn,
  isImageApplied,
  isSameImage,
  isSameLife,
  markReadyTasks,
  mayOpenGateOf,
  mayReplaceToTakeOver,
  NODE_LABEL,
  type NodeMetadata,
  type NodeStatus,
  type ObserveInput,
  type Phase,
  type PlanRecord,
  type PodView,
  type RbacRule,
  SEID_CONTAINER,
  type SeiNode,
  shortContainerId,
  SIDECAR_CONTAINER,
  type SidecarHealth,
  type SidecarTask,
  type SidecarView,
  type StatefulSetView,
  type OwnedObjects,
  takeOverTasks,
  type TaskSpec,
  type WaitingDrift,
} from "../model/index.ts";
export {
  editedInPlace,
  isOlderThanTemplate,
  isUntaken,
  otherImage,
  otherSidecarImage,
  type ToldImage,
  workloadGap,
} from "../model/applied/index.ts";
export {
  hasFailedRollOut,
  heldCondition,
  historyHold,
  type Hold,
  incarnationOf,
  mayOpenBelow,
  workflowHold,
} from "../model/gate/index.ts";
export { deepFreeze, detectorLaws, type Law, type NamedInput } from "./contract.ts";
export { defineDetector } from "./define.ts";
