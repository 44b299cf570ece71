/**
 * Plugin files, found, imported and checked; and the checks of what comes out of foreign code.
 *
 * Invariants:
 * - every mistake of every file is told at once (test/plugin/loading/load.test.ts);
 * - nothing foreign is stored that is not plain JSON within its bounds (test/plugin/loading/guard.test.ts).
 */
export { checkConditions, checkDrift, guardFor } from "./guard.ts";
export { loadPlugins, type Plugin } from "./load.ts";
