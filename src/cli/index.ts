/**
 * The command line: one file a command. Tests and the writers of pages enter here; nobody else does.
 *
 * Invariants:
 * - what the manifests print is what the API server stores (test/cluster/manifests.test.ts).
 */
export { deploymentManifest, HEAP_ENV, MEMORY_MIB } from "./deployment.ts";
export { flagUsage } from "./help.ts";
export { allManifests, yamlOf } from "./manifests.ts";
