/**
 * Runs one task of a stored plan and says what it came to. Nothing here knows about time, plans in a row, or status.
 *
 * Invariants:
 * - a sidecar task is posted once and then polled (test/executor/polled-task.test.ts);
 * - nothing is done but by `confirmThen`: what it rests on is read live right before, and then the newest stored node and
 *   the Lease are asked, for each request (test/executor/confirm.test.ts);
 * - the gate is opened on proven ground alone (test/executor/mark-ready.test.ts);
 * - a node's Pod is deleted at most once a minute (test/executor/observe-image.test.ts);
 * - what earlier steps made is kept while later ones need it (test/executor/repair.test.ts);
 * - an imported claim is read and never written (test/executor/import-volume.test.ts, test/cluster/import.test.ts);
 * - an image is stamped only from the Pod that runs it (test/executor/observe-image.test.ts);
 * - a deletion takes down nothing but what has the node as its owner (test/executor/operations/delete-objects.test.ts).
 */
export { applyPause } from "./operations/apply-pause.ts";
export { adoptObjects } from "./operations/adopt-objects.ts";
export { deleteObjects } from "./operations/delete-objects.ts";
export { readStanding } from "./operations/read-standing.ts";
export { failureOutcome } from "./outcomes.ts";
export type {
  Effects,
  ExecutorPorts,
  ImportPort,
  ObjectReads,
  ObjectRecipes,
  ObjectWrites,
  Precisely,
  Reply,
} from "./ports.ts";
export { execute } from "./run-task.ts";
export { executorRules, tasks, taskTraits } from "./task-table.ts";
