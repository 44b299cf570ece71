/**
 * What an operator asks from a laptop, on a kubeconfig alone: which nodes drift, why nothing happens, what was done. Each
 * command reads, judges and prints; none of them writes.
 *
 * The verdicts are the controller's: `judge-fleet.ts` runs its own loop behind `read-only.ts`, a door that lets reads
 * through and nothing else, and takes what the loop would have written. Everything else is asked by the typed APIs of
 * `@kubernetes/client-node` over our transport (`typed-apis.ts`), loaded by these commands alone.
 *
 * Invariants:
 * - no command sends a write to the API server or a sidecar (test/laptop/read-only.test.ts, test/cluster/ask-badly.test.ts);
 * - verdicts are those of a running controller, node by node (test/cluster/drift-command.test.ts, test/laptop/judge-fleet.test.ts);
 * - the cause of each state that wants a person is named (test/cluster/shown.test.ts);
 * - a Pod does not load the typed APIs (test/laptop/chunks.test.ts).
 */
export { runLaptop } from "./command.ts";
