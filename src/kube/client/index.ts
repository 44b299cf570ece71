/**
 * Requests to the API server: paths, deadlines, size caps, priorities, and what they came to as a value.
 *
 * Invariants:
 * - a refusal is told by the API server's own words, in one line (test/kube/client/failure.test.ts, test/kube/client/refusal.test.ts);
 * - what waits goes out by its priority, and nobody waits forever (test/kube/client/lanes.test.ts).
 */
export { numberAt, oneLine, readRefusal, type Refusal, textAt, valueAt } from "./api-status.ts";
export { type Access, createClient, type KubeClient, permitted } from "./client.ts";
export { type ApiFailure, type FailureKind, failureOf, type Result } from "./failure.ts";
export { createLanes, LANES, type Lanes } from "./lanes.ts";
export { type ParseJson, parseLean } from "./lean-json.ts";
export { resourcePath, type ResourceRef } from "./paths.ts";
export { refusalInWords, refusedBy } from "./refusal.ts";
export { compareVersions } from "./resource-version.ts";
export { canBothMatch } from "./selectors.ts";
