/**
 * Requests to the API server: paths, deadlines, size caps, priorities, and what they came to as a value.
 *
 * Invariants:
 * - a refusal carries the API server's own words, in one line (test/kube/client/failure.test.ts, test/kube/client/refusal.test.ts);
 * - what waits goes out by its priority, and nobody waits forever (test/kube/client/request-queue.test.ts).
 */
export { readRefusal, type Refusal } from "./api-status.ts";
export { type Access, createClient, type KubeClient, withPermit } from "./client.ts";
export { type ApiFailure, type FailureKind, failureOf, type Result } from "./failure.ts";
export { type ParseJson, parseLean } from "./lean-json.ts";
export { resourcePath, type ResourceRef } from "./paths.ts";
export { refusalInWords, refusedBy } from "./refusal.ts";
export { createRequestQueue, REQUEST_PRIORITIES, type RequestQueue } from "./request-queue.ts";
export { compareVersions } from "./resource-version.ts";
export { canBothMatch } from "./selectors.ts";
