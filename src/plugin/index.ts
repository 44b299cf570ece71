/**
 * The one door for drift detectors, ours and anyone's: the types they are written against.
 *
 * A plugin imports this module as `tidekeeper/plugin`. What is not re-exported here is no part of the contract.
 */
export type {
  DetectInput,
  Detector,
  DetectorCondition,
  GateHistory,
  ObserveInput,
  RbacRule,
  SidecarHealth,
  SidecarTask,
  SidecarView,
  Surroundings,
  WaitingDrift,
} from "../core/detector.ts";
export type { Json, JsonObject } from "../core/json.ts";
export type { Condition, ConditionVerdict, NodeMetadata, NodeStatus, Phase, SeiNode } from "../core/node.ts";
export { isSameLife, shortContainerId } from "../core/history.ts";
export type { Drift, Incarnation, PlanRecord, TaskSpec } from "../core/plan.ts";
export type { ClaimView, ContainerView, PodView, StatefulSetView } from "../core/views.ts";
export { detectorLaws } from "./contract.ts";
export type { Law, NamedInput } from "./contract.ts";
export { defineDetector } from "./define.ts";
