/**
 * What is known of a node's gate: which life of its sidecar it belongs to, who shut it, what keeps it shut, and whether it is
 * opened below a roll-out that came to nothing. Pure functions over the words of `model`.
 *
 * Invariants:
 * - what the tasks of a sidecar do not prove is unknown, and opens nothing (test/model/gate/gate-history.test.ts);
 * - a workflow, a gate shut on purpose, and one of which nobody knows keep it shut (test/model/gate/held.test.ts);
 * - a roll-out that came to nothing keeps no proven gate shut (test/drift/below-roll-out.test.ts).
 */
export { hasFailedRollOut, mayOpenBelow, opensBelow } from "./below-roll-out.ts";
export { gateHistory } from "./gate-history.ts";
export { gateCondition, gateHold, heldCondition, historyHold, type Hold, workflowHold } from "./held.ts";
export { incarnationOf } from "./incarnation.ts";
