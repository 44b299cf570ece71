/**
 * The story of `tidekeeper demo`: the controller on the simulated cluster, and what is told of it.
 *
 * Invariants:
 * - what is told comes from the cluster, not from the script (test/demo/operations.test.ts, test/cli/demo.test.ts).
 */
export { openOutlets } from "./outlets.ts";
export { DEADLINE_MS, play } from "./play.ts";
export { scaledTime } from "./scaled-time.ts";
export { createStage, type Stage } from "./stage.ts";
export type { Step } from "./step.ts";
export { story } from "./story.ts";
export { createTeller } from "./teller.ts";
