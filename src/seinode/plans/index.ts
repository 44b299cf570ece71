/**
 * What a new node goes through: the tasks that bring it up, and their params.
 *
 * Invariants:
 * - the tasks are the reference's, in its order (test/seinode/plans/init-recipes.test.ts).
 */
export { initPlanFor } from "./recipes.ts";
