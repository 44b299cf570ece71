/**
 * The OTLP push. The SDK is loaded only when this is called, so a run that pushes nothing does not pay its memory.
 * Nothing waits for the collector: pushes run beside the loop, one at a time, each with a deadline.
 */
import type { Timers } from "../base/index.ts";
import type { BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import type { OTLPMetricExporter as JsonExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import type { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import type { AggregationOption } from "@opentelemetry/sdk-metrics";
import { type MetricName, metricNames, nodeSeries, specOf } from "./catalogue.ts";
import type { Instruments } from "./instruments.ts";
import type { NodeState } from "./node-state.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { isHistogram, isNodeMetric } from "./prometheus-text.ts";

/** A running push. */
export interface OtlpPush {
  /** Pushes once, now. Never rejects; a failure goes to `onProblem`. */
  flush(): Promise<void>;
  /** Pushes what is there and ends, within 5 s whatever the collector does. Never rejects. */
  shutdown(): Promise<void>;
}

type ExporterOptions = NonNullable<ConstructorParameters<typeof JsonExporter>[0]>;
type AgentFactory = Extract<ExporterOptions["httpAgentOptions"], (protocol: string) => unknown>;

/** What the push reads and whom it tells. */
export interface OtlpOptions {
  readonly settings: OtlpSettings;
  readonly instruments: Instruments;
  /** The nodes as they are when asked. */
  readonly nodes: () => Iterable<NodeState>;
  /** The agent for requests to the collector, which tells each answer's status and first words. */
  readonly agent: (
    onReply: (reply: { readonly status: number; readonly words: string }) => void,
  ) => Awaited<ReturnType<AgentFactory>>;
  readonly timers: Timers;
  /** Hears of each push that failed, in one line; null when one succeeded. */
  readonly onProblem: (problem: string | null) => void;
}

const SHUTDOWN_MS = 5_000;
/** The SDK folds what is past its default of 2,000 into one overflow series: a fleet is larger than that. */
const NODE_SERIES = 100_000;
const SERIES = 4_000;

/** Starts pushing every `settings.intervalMs`. */
export async function startOtlpPush(options: OtlpOptions): Promise<OtlpPush> {
  const { settings, instruments, nodes, timers } = options;
  const [{ diag }, { MeterProvider, PeriodicExportingMetricReader }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-metrics"),
    import("@opentelemetry/resources"),
  ]);
  const { intervalMs, exportTimeoutMs, resource } = settings;
  const heard: Heard = { last: null, inPart: null };
  // Nothing else tells that a collector took a push only in part.
  diag.setLogger(countRefusedParts(heard), { suppressOverrideMessage: true });
  const exporter = await exporterOf(options, heard);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: exportTimeoutMs,
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

/** What came of the push under way. */
interface Heard {
  last: { readonly status: number; readonly words: string } | null;
  inPart: string | null;
}

/** The exporter of the format, loaded only when it is used; it reports each outcome. */
async function exporterOf(
  { settings, agent, onProblem }: OtlpOptions,
  heard: Heard,
): Promise<JsonExporter | ProtobufExporter> {
  const { url, headers, timeoutMs } = settings;
  const [{ OTLPMetricExporter }, sdk] = await Promise.all([
    settings.format === "json"
      ? import("@opentelemetry/exporter-metrics-otlp-http")
      : import("@opentelemetry/exporter-metrics-otlp-proto"),
    import("@opentelemetry/sdk-metrics"),
  ]);
  const { AggregationTemporalityPreference: Preference } = await import("@opentelemetry/exporter-metrics-otlp-http");
  const exporter = new OTLPMetricExporter({
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    concurrencyLimit: 1,
    httpAgentOptions: async () => agent((reply) => (heard.last = reply)),
    temporalityPreference: {
      cumulative: Preference.CUMULATIVE,
      delta: Preference.DELTA,
      lowmemory: Preference.LOWMEMORY,
    }[settings.temporality],
    aggregationPreference: (instrument): AggregationOption =>
      Object.is(instrument, sdk.InstrumentType.HISTOGRAM) &&
      settings.histograms === "base2_exponential_bucket_histogram"
        ? { type: sdk.AggregationType.EXPONENTIAL_HISTOGRAM }
        : { type: sdk.AggregationType.DEFAULT },
  });
  const send = exporter.export.bind(exporter);
  // The SDK itself swallows outcomes.
  exporter.export = (metrics, done) => {
    Object.assign(heard, { last: null, inPart: null });
    send(metrics, (result) => {
      onProblem(
        result.error === undefined
          ? heard.inPart
          : `otlp: push failed: ${wordsOf(result.error, heard.last, timeoutMs)}`,
      );
      done(result);
    });
  };
  return exporter;
}

/** System errors in words. */
const NO_REPLY = {
  ECONNREFUSED: "connection refused",
  ConnectionRefused: "connection refused",
  ECONNRESET: "a connection that broke off",
  EPIPE: "a connection that broke off",
  ENOTFOUND: "no address for the name of its host",
  EAI_AGAIN: "no answer to the name lookup",
  EHOSTUNREACH: "no route to its host",
  ETIMEDOUT: "no answer to the connection attempt",
} as const;

/** The collector's own words where it answered; else what went wrong on the way. */
function wordsOf(error: Error, last: Heard["last"], timeoutMs: number): string {
  if (last !== null && last.status >= 300) {
    return `the collector answered ${last.status}${last.words === "" ? "" : `: ${last.words}`}`;
  }
  const got = error.message.split("\n", 1).join("").slice(0, 300);
  if (got === "Request timed out") return `got a timeout after ${timeoutMs} ms, want a reply`;
  const known = Object.entries(NO_REPLY).find(([code]) => got.includes(code));
  if (known !== undefined) return `got ${known[1]}, want a reply. Does a collector listen at the endpoint?`;
  return /certificate|altnames/i.test(got) ? `${got}. Check OTEL_EXPORTER_OTLP_CERTIFICATE` : got;
}

function countRefusedParts(heard: Heard) {
  const quiet = (): void => {};
  const warn = (message: string, ...details: unknown[]): void => {
    if (!message.includes("Partial Success")) return;
    heard.inPart = `otlp: the collector took a push in part: ${details.map(String).join(" ").slice(0, 300)}`;
  };
  return { error: quiet, warn, info: quiet, debug: quiet, verbose: quiet };
}
