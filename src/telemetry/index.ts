/**
 * Logs and metrics. Measures nothing by itself: whoever composes the rooms wraps their ports with this.
 *
 * Invariants:
 * - every metric is in the catalogue and in docs/metrics.md, both ways (test/telemetry/metrics-page.test.ts);
 * - series of deleted nodes vanish, unknown is not "not ready" (test/telemetry/prometheus-text.test.ts);
 * - readiness of a fleet arrives whole over OTLP, from the compiled binary too (test/binary/otlp.test.ts);
 * - a collector that hangs or fails delays nobody, and the end by 5 s at most (test/telemetry/otlp.test.ts);
 * - one cause is one line, however many nodes it befalls (test/telemetry/cause-log.test.ts);
 * - a log record is one line without control characters (test/telemetry/logger.test.ts).
 */
export { catalogue, metricNames, specOf } from "./catalogue.ts";
export { createInstruments, type Instruments } from "./instruments.ts";
export { createLogger, escapeControls, type LogFields, type Logger } from "./logger.ts";
export { metricsPage } from "./metrics-page.ts";
export { metricsRender } from "./metrics-render.ts";
export { type NodeState, nodeStateOf } from "./node-state.ts";
export { type OtlpSettings, readOtlpSettings } from "./otlp-settings.ts";
export { type OtlpPush, startOtlpPush } from "./otlp.ts";
export { reconcileTelemetry, type ReconcileTelemetry } from "./reconcile-telemetry.ts";
export { PROMETHEUS_CONTENT_TYPE } from "./prometheus-text.ts";
