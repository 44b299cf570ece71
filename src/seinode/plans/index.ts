/**
 * What a new node goes through: the tasks that bring it up, their params on the wire, their deadlines.
 *
 * Invariants:
 * - the tasks are the reference's, in its order (test/seinode/plans/init-recipes.test.ts).
 */
export { initPlanFor } from "./recipes.ts";
export { taskDeadlineMs } from "./task-deadline.ts";
export { isSidecarTask, wireParams } from "./task-params.ts";
