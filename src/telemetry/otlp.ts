/**
 * The OTLP push. The SDK is loaded only when this is called, so a run that pushes nothing does not pay its memory.
 * Nothing waits for the collector: pushes run beside the loop, one at a time, each with a deadline.
 */
import type { BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import type { OTLPMetricExporter as HttpExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { metricNames, type MetricName, specOf } from "./catalogue.ts";
import type { Instruments } from "./instruments.ts";
import { nodeSeries, type NodeState } from "./node-state.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { isHistogram, isNodeMetric } from "./prometheus-text.ts";

/** A running push. */
export interface OtlpPush {
  /** Pushes once, now. Never rejects; a failure goes to `onProblem`. */
  flush(): Promise<void>;
  /** Pushes what is there and ends, within 5 s whatever the collector does. Never rejects. */
  shutdown(): Promise<void>;
}

/** What the push reads and whom it tells. */
export interface OtlpOptions {
  readonly settings: OtlpSettings;
  readonly instruments: Instruments;
  /** The nodes as they are when asked. */
  readonly nodes: () => Iterable<NodeState>;
  readonly timers: { after(ms: number, run: () => void): () => void };
  /** Hears of each push that failed, in one line; null when one succeeded. */
  readonly onProblem: (problem: string | null) => void;
}

const SHUTDOWN_MS = 5_000;
/** The SDK folds what is past its default of 2,000 into one overflow series: a fleet is larger than that. */
const NODE_SERIES = 100_000;
const SERIES = 4_000;

/** Starts pushing every `settings.intervalMs`. */
export async function startOtlpPush(options: OtlpOptions): Promise<OtlpPush> {
  const { settings, instruments, nodes, timers, onProblem } = options;
  const [{ MeterProvider, PeriodicExportingMetricReader }, { OTLPMetricExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/sdk-metrics"),
      import("@opentelemetry/exporter-metrics-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const { url, headers, intervalMs, timeoutMs, resource } = settings;
  const exporter = new OTLPMetricExporter({
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    concurrencyLimit: 1,
  });
  tellOutcomes(exporter, onProblem);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
    cardinalityLimits: { default: SERIES, observableGauge: NODE_SERIES },
  });
  const provider = new MeterProvider({ resource: resourceFromAttributes({ ...resource }), readers: [reader] });
  const forget = connect(provider.getMeter("tidekeeper"), instruments, nodes);
  const quiet = (ended: Promise<void>): Promise<void> => ended.catch(() => {});

  return {
    flush: () => quiet(provider.forceFlush()),
    async shutdown() {
      const late = Promise.withResolvers<void>();
      const cancel = timers.after(SHUTDOWN_MS, late.resolve);
      await Promise.race([quiet(provider.shutdown()), late.promise]);
      cancel();
      forget();
    },
  };
}

/** What is kept is read when a push asks for it; histograms are passed on as they are observed. */
function connect(meter: Meter, instruments: Instruments, nodes: () => Iterable<NodeState>): () => void {
  const observables = new Map<MetricName, Observable>();
  const histograms = new Map<MetricName, ReturnType<Meter["createHistogram"]>>();
  for (const name of metricNames()) {
    const { otel, help: description, unit, buckets = [] } = specOf(name);
    if (isHistogram(name)) {
      const advice = { explicitBucketBoundaries: [...buckets] };
      histograms.set(name, meter.createHistogram(otel, { description, unit, advice }));
    } else {
      const make = specOf(name).kind === "counter" ? "createObservableCounter" : "createObservableGauge";
      observables.set(name, meter[make](otel, { description, unit }));
    }
  }
  meter.addBatchObservableCallback(
    (result) => {
      const held = [...nodes()];
      for (const [name, observable] of observables) readInto(result, { name, observable, instruments, nodes: held });
    },
    [...observables.values()],
  );
  return instruments.onObserve((name, value, labels) => histograms.get(name)?.record(value, { ...labels }));
}

interface ReadInput {
  readonly name: MetricName;
  readonly observable: Observable;
  readonly instruments: Instruments;
  readonly nodes: readonly NodeState[];
}

function readInto(result: BatchObservableResult, { name, observable, instruments, nodes }: ReadInput): void {
  if (isNodeMetric(name)) {
    for (const { labels, value } of nodeSeries(name, nodes)) result.observe(observable, value, { ...labels });
    return;
  }
  if (isHistogram(name)) return;
  for (const { labelValues, value } of instruments.values(name)) {
    const pairs = specOf(name).labels.map((label, index) => [label, labelValues[index] ?? ""]);
    result.observe(observable, value, Object.fromEntries(pairs));
  }
}

/** Has each outcome told: the SDK itself swallows them. */
function tellOutcomes(exporter: HttpExporter, onProblem: OtlpOptions["onProblem"]): void {
  const send = exporter.export.bind(exporter);
  exporter.export = (metrics, done) => {
    send(metrics, (result) => {
      onProblem(result.error === undefined ? null : `otlp: push failed: ${oneLine(result.error)}`);
      done(result);
    });
  };
}

function oneLine(error: Error): string {
  return error.message.split("\n", 1).join("").slice(0, 300);
}
