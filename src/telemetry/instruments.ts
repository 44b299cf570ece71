/**
 * Counters, gauges and histograms, kept once in this process. `/metrics` and OTLP both read what is kept here, so
 * the two never tell different stories, and a run that pushes nothing loads no SDK.
 */
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
  specOf,
} from "./catalogue.ts";

/** One kept series. Values of labels stand in the order of the catalogue. */
export interface ValueSeries {
  readonly labelValues: readonly string[];
  readonly value: number;
}

/** One kept histogram. `counts` has one place more than there are bounds: what is above them all. Not cumulative. */
export interface HistogramSeries {
  readonly labelValues: readonly string[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Hears of every value put into a histogram: an SDK keeps its own buckets. */
export type HistogramListener = (name: HistogramName, value: number, labels: Readonly<Record<string, string>>) => void;

/** Where the program measures, and where readers read. */
export interface Instruments {
  /**
   * Adds `by`, default 1; 0 makes a series that shows before its first occasion. Negative or not finite is ignored:
   * a counter that falls looks like a restart.
   */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  set<Name extends GaugeName>(name: Name, value: number, labels: LabelsOf<Name>): void;
  /** Seconds, for every histogram there is. */
  observe<Name extends HistogramName>(name: Name, value: number, labels: LabelsOf<Name>): void;
  values(name: CounterName | GaugeName): Iterable<ValueSeries>;
  histograms(name: HistogramName): Iterable<HistogramSeries>;
  /** The returned function ends it. */
  onObserve(listener: HistogramListener): () => void;
}

/** Series a metric may have; later ones share one whose labels all say `overflow`. */
const MAX_SERIES = 2_000;
const MAX_LABEL_LENGTH = 128;

interface MutableValue {
  readonly labelValues: readonly string[];
  value: number;
}
interface MutableHistogram {
  readonly labelValues: readonly string[];
  readonly counts: number[];
  sum: number;
}

/** An empty set of instruments. */
export function createInstruments(): Instruments {
  const values = new Map<MetricName, Map<string, MutableValue>>();
  const histograms = new Map<MetricName, Map<string, MutableHistogram>>();
  const listeners = new Set<HistogramListener>();
  const valueOf = (name: MetricName, labels: Readonly<Record<string, string>>): MutableValue =>
    seriesIn(values, name, labels, (labelValues) => ({ labelValues, value: 0 }));

  return {
    count(name, labels, by = 1) {
      if (by >= 0 && Number.isFinite(by)) valueOf(name, labels).value += by;
    },
    set(name, value, labels) {
      if (Number.isFinite(value)) valueOf(name, labels).value = value;
    },
    observe(name, value, labels) {
      if (!Number.isFinite(value)) return;
      const bounds = specOf(name).buckets ?? [];
      const series = seriesIn(histograms, name, labels, (labelValues) => ({
        labelValues,
        counts: Array.from({ length: bounds.length + 1 }, () => 0),
        sum: 0,
      }));
      const place = bounds.findIndex((bound) => value <= bound);
      const index = place === -1 ? bounds.length : place;
      series.counts[index] = (series.counts[index] ?? 0) + 1;
      series.sum += value;
      for (const listener of listeners) listener(name, value, labels);
    },
    values: (name) => values.get(name)?.values() ?? [],
    histograms: (name) => histograms.get(name)?.values() ?? [],
    onObserve(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function seriesIn<Series>(
  kept: Map<MetricName, Map<string, Series>>,
  name: MetricName,
  labels: Readonly<Record<string, string>>,
  make: (labelValues: readonly string[]) => Series,
): Series {
  const ofMetric = kept.get(name) ?? new Map<string, Series>();
  kept.set(name, ofMetric);
  const given = specOf(name).labels.map((label) => (labels[label] ?? "").slice(0, MAX_LABEL_LENGTH));
  const known = ofMetric.get(keyOf(given));
  if (known !== undefined) return known;
  const labelValues = ofMetric.size >= MAX_SERIES ? given.map(() => "overflow") : given;
  const key = keyOf(labelValues);
  const series = ofMetric.get(key) ?? make(labelValues);
  ofMetric.set(key, series);
  return series;
}

function keyOf(labelValues: readonly string[]): string {
  return labelValues.length === 1 ? (labelValues[0] ?? "") : JSON.stringify(labelValues);
}
