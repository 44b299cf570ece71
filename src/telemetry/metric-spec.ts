/** What is declared of each metric. */
import type { NodeSeries } from "./node-state.ts";

/** One metric. `buckets` are upper bounds in `unit`. */
export interface MetricSpec {
  /** Instrument name in OTLP. */
  readonly otel: string;
  /** Name in Prometheus text. */
  readonly prometheus: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** UCUM; `1` for counts and flags. */
  readonly unit: "1" | "s";
  readonly labels: readonly string[];
  readonly help: string;
  readonly buckets?: readonly number[];
  /** Series come from the node states that are given when metrics are read; nothing is kept for them. */
  readonly fromNodes?: NodeSeries;
}

/** Bounds for what is quick, seconds. */
export const FAST_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;
