/**
 * The sidecar's HTTP API, over either route, as unions. Could be lifted out as a library: it imports `base`
 * alone and takes its transports as arguments.
 *
 * Invariants:
 * - only an empty 503 with readable tasks at the same address is `notReady` (test/sidecar/health.test.ts);
 * - nothing but a Pod IP or the exact name of a StatefulSet Pod is dialled (test/sidecar/route.test.ts);
 * - every cause is stable: no address, port, duration or time (test/sidecar/health.test.ts);
 * - redirects are never followed (test/sidecar/local-server.test.ts) and every call has a cap (test/sidecar/sidecar.test.ts).
 */
export type { SidecarHealth } from "./health.ts";
export { createSidecar, type Sidecar, type Submitted, type TaskAnswer, type TaskSubmission } from "./sidecar.ts";
export type { SidecarTask } from "./task-reply.ts";
