/**
 * Health and metrics over HTTP as Hono apps; who listens is decided elsewhere.
 *
 * Invariants:
 * - only the listed routes exist, and only for reading (test/server/health-app.test.ts, test/server/metrics-app.test.ts);
 * - a failed check names itself and why (test/server/health-app.test.ts).
 */
export { healthApp, type HealthCheck } from "./health-app.ts";
export { metricsApp } from "./metrics-app.ts";
