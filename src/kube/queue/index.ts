/**
 * The work queue: one entry a key, urgent keys first.
 *
 * Invariants:
 * - a key never runs twice at once, and is never lost (test/kube/queue/queue.test.ts).
 */
export { createQueue, type Queue, type RunAgain } from "./queue.ts";
