/** What the process takes, under the names that every exporter of Prometheus uses. Part of the catalogue. */
import type { MetricSpec } from "./metric-spec.ts";

/** Memory in bytes, times in seconds. */
export const processMetrics = {
  cpuSeconds: {
    otel: "process.cpu",
    prometheus: "process_cpu_seconds_total",
    kind: "counter",
    unit: "s",
    labels: [],
    help: "CPU time that the process has used, its own and the kernel's for it.",
  },
  residentMemory: {
    otel: "process.resident_memory",
    prometheus: "process_resident_memory_bytes",
    kind: "gauge",
    unit: "By",
    labels: [],
    help: "Memory of the process that is in RAM.",
  },
  startTime: {
    otel: "process.start_time",
    prometheus: "process_start_time_seconds",
    kind: "gauge",
    unit: "s",
    labels: [],
    help: "When the process began, in Unix time.",
  },
  openFiles: {
    otel: "process.open_fds",
    prometheus: "process_open_fds",
    kind: "gauge",
    unit: "1",
    labels: [],
    help: "Files and sockets that are open; no series without /proc.",
  },
  maxFiles: {
    otel: "process.max_fds",
    prometheus: "process_max_fds",
    kind: "gauge",
    unit: "1",
    labels: [],
    help: "Files and sockets that may be open; no series without /proc.",
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
