/** docs/metrics.md, written from the catalogue so that neither can say more than the other. */
import { metricNames, specOf } from "./catalogue.ts";

const HEAD = `# Metrics

Written from the catalogue by \`bun scripts/pages.ts\`; a test holds the two equal.

\`/metrics\` on \`--metrics-bind-address\` serves Prometheus text. With \`OTEL_EXPORTER_OTLP_ENDPOINT\` or
\`OTEL_EXPORTER_OTLP_METRICS_ENDPOINT\` set, the same is pushed over OTLP (HTTP only;
every variable: [connecting.md](connecting.md)). All who read within a second are given
the same page, so that no crowd of readers holds up the work.

**Readiness has three answers.** \`sei_controller_seinode_sidecar_ready\` is 1 (gate open) or 0 (gate shut) and has no
series while the gate is not known; then \`sei_controller_seinode_sidecar_unknown\` is 1 instead. A node that nobody
probes, because it is still coming up, has neither. Series of a deleted node are gone with it. With one shard
every replica tells of every node, and the same; with more (\`--shards\`) the replica that works on a node tells of it.

**A series comes into being with its occasion**, and only what has labels that cannot be known before waits for it: no
detector has failed while \`sei_controller_detector_failures_total\` has no series, no watch has broken while
\`tidekeeper_watch_restarts_total\` has none. Failed reconciles and retries count from 0.

| Prometheus | OTLP | kind | unit | labels | meaning |
| --- | --- | --- | --- | --- | --- |
`;

/** The page as Markdown. */
export function metricsPage(): string {
  const rows = metricNames().map((name) => {
    const { prometheus, otel, kind, unit, labels, help, buckets } = specOf(name);
    const told = labels.length === 0 ? "none" : labels.map((label) => `\`${label}\``).join(", ");
    const bounds = buckets === undefined ? "" : ` Buckets: ${buckets.join(", ")}.`;
    return `| \`${prometheus}\` | \`${otel}\` | ${kind} | ${unit} | ${told} | ${help}${bounds} |\n`;
  });
  return HEAD + rows.join("");
}
