/**
 * The SeiNode itself: its spec and status as read, the objects it owns, the recipes of its plans, its CRD.
 *
 * Not here: requests, clocks, decisions about drift, the running of tasks. Everything is a pure function.
 *
 * - No reader throws, whatever JSON it is given, and none reaches a prototype: `readers.test.ts`, `read-spec.test.ts`.
 * - A plan that nobody can have written is never handed on as one that can act: `readers.test.ts`.
 * - No field of a SeiNode is ever read as shell: `scripts.test.ts`.
 * - Of two nodes that import one claim exactly one has more right: `claim-rival.test.ts`.
 * - System labels win over the spec's, and only `sei.io/node` selects: `objects.test.ts`.
 * - Every input of the platform has a default, and every mistake is told at once: `platform.test.ts`.
 * - The types of spec and status are those of the schema, and no field of status is written that it does not keep:
 *   `crd-status.ts` and `read-node.ts` at compile time, `crd.test.ts`.
 * - What the CRD lets in comes back whole, and every rule of it refuses by name: `test/cluster/crd.test.ts`.
 * - The API server takes the objects, and the permissions are enough and no more: `test/cluster/seinode.test.ts`.
 */
export { claim, platformOf } from "./claim.ts";
export { manifests } from "./manifests.ts";
export { PLATFORM_ENV, readPlatform, type Platform, type PlatformReading } from "./platform.ts";
export { readClaim } from "./read-claim.ts";
export { readJob } from "./read-job.ts";
export { readNode } from "./read-node.ts";
export { readPlan, type PlanReading } from "./read-plan.ts";
export { readPod } from "./read-pod.ts";
export { readSpec, type SpecReading } from "./read-spec.ts";
export { readStatefulSet } from "./read-stateful-set.ts";
export { bootstrapOf, initTasks, type Bootstrap } from "./init-recipes.ts";
export { imageUpdateTasks, initPlanFor, markReadyTasks } from "./recipes.ts";
export { service } from "./service.ts";
export type { SeiNodeSpec } from "./spec.ts";
export { bootstrapJob } from "./bootstrap-job.ts";
export { bootstrapService } from "./bootstrap-service.ts";
export { sidecarImage } from "./pod-spec.ts";
export { statefulSet, TO_ON_DELETE } from "./stateful-set.ts";
export { taskDeadlineMs } from "./task-deadline.ts";
export { isSidecarTask, wireParams, type WireParams } from "./task-params.ts";
