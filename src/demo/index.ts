/**
 * What `tidekeeper demo` shows: the controller on the simulated cluster (`setup`), steps that do something to it (`script`),
 * and lines that say what happened (`narrator`).
 *
 * Invariants:
 * - every line comes from the cluster (`cluster-view`), not from the script (test/demo/operations.test.ts, test/cli/demo.test.ts).
 */
export { openEndpoints } from "./endpoints.ts";
export { createNarrator } from "./narrator.ts";
export { DEADLINE_MS, runScript } from "./run-script.ts";
export { scaledTime } from "./scaled-time.ts";
export type { ScriptStep } from "./script-step.ts";
export { script } from "./script.ts";
export { createSetup, type Setup } from "./setup.ts";
