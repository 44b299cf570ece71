/** Prometheus text, format 0.0.4, from what the instruments keep and from the nodes as they are now. */
import {
  catalogue,
  type HistogramName,
  metricNames,
  type MetricName,
  type NodeMetric,
  nodeSeries,
  specOf,
} from "./catalogue.ts";
import type { HistogramSeries, Instruments } from "./instruments.ts";
import type { NodeState } from "./node-state.ts";

/** The content type of the text. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The whole page. Metrics without a series are left out. */
export function prometheusText(instruments: Instruments, nodes: Iterable<NodeState>): string {
  return [...prometheusBlocks(instruments, nodes)].join("");
}

/** The page bit by bit, in whole lines. Nodes are shown as they were when it began. */
export function* prometheusBlocks(instruments: Instruments, nodes: Iterable<NodeState>): Generator<string> {
  const held = [...nodes];
  for (const name of metricNames()) {
    let isFirst = true;
    for (const block of samplesOf(name, instruments, held)) {
      const { prometheus, kind, help } = specOf(name);
      if (isFirst) yield `# HELP ${prometheus} ${escapeHelp(help)}\n# TYPE ${prometheus} ${kind}\n`;
      isFirst = false;
      yield block;
    }
  }
}

function* samplesOf(name: MetricName, instruments: Instruments, nodes: readonly NodeState[]): Generator<string> {
  const { prometheus, labels } = specOf(name);
  if (isNodeMetric(name)) {
    for (const series of nodeSeries(name, nodes)) {
      const values = labels.map((label) => series.labels[label] ?? "");
      yield sample(prometheus, labels, values, series.value);
    }
  } else if (isHistogram(name)) {
    for (const series of instruments.histograms(name)) yield histogramBlock(name, series);
  } else {
    for (const { labelValues, value } of instruments.values(name)) {
      yield sample(prometheus, labels, labelValues, value);
    }
  }
}

/** All lines of one histogram at once, so that they agree. */
function histogramBlock(name: HistogramName, series: HistogramSeries): string {
  const { prometheus, labels, buckets = [] } = specOf(name);
  let running = 0;
  let block = "";
  for (const [index, count] of series.counts.entries()) {
    running += count;
    const bound = buckets[index] === undefined ? "+Inf" : String(buckets[index]);
    block += sample(`${prometheus}_bucket`, [...labels, "le"], [...series.labelValues, bound], running);
  }
  block += sample(`${prometheus}_sum`, labels, series.labelValues, series.sum);
  return block + sample(`${prometheus}_count`, labels, series.labelValues, running);
}

function sample(name: string, labels: readonly string[], values: readonly string[], value: number): string {
  if (labels.length === 0) return `${name} ${value}\n`;
  const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index] ?? "")}"`);
  return `${name}{${pairs.join(",")}} ${value}\n`;
}

/** The three escapes of the format; a lone surrogate has no place in UTF-8, a CR would break readers that split on it. */
function escapeLabel(raw: string): string {
  if (!/[\\"\n\r\ud800-\udfff]/.test(raw)) return raw;
  return raw
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", " ");
}

function escapeHelp(raw: string): string {
  return raw.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Do the series of this metric come from the nodes? */
export function isNodeMetric(name: MetricName): name is NodeMetric {
  return "fromNodes" in catalogue[name];
}

/** Is this metric observed? */
export function isHistogram(name: MetricName): name is HistogramName {
  return catalogue[name].kind === "histogram";
}
