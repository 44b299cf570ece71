/** Values of `OTEL_*` variables, read by the OpenTelemetry specification: an empty one is not set. */

/** The environment as far as it is read. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A variable's name with its value. */
export interface Given {
  readonly name: string;
  readonly value: string;
}

/** The first of these variables that is set. */
export function readVariable(env: Env, ...names: string[]): Given | null {
  for (const name of names) {
    const value = env[name]?.trim() ?? "";
    if (value !== "") return { name, value };
  }
  return null;
}

/** A setting of the exporter: the metrics' own variable goes before the one for all signals. */
export function exporterSetting(env: Env, what: string): Given | null {
  return readVariable(env, `OTEL_EXPORTER_OTLP_METRICS_${what}`, `OTEL_EXPORTER_OTLP_${what}`);
}

/** Milliseconds; a warning and the fallback where the value is none. */
export function readMs(
  set: Given | null,
  range: { readonly least: number; readonly fallback: number },
  warnings: string[],
): number {
  if (set === null) return range.fallback;
  const { name, value } = set;
  // Above a day a timer would overflow and fire at once.
  if (/^\d{1,8}$/.test(value) && Number(value) >= range.least && Number(value) <= 86_400_000) return Number(value);
  warnings.push(
    `otlp: ${name}: got ${quote(value)}, want milliseconds from ${range.least} to 86400000. Using ${range.fallback}`,
  );
  return range.fallback;
}

/** One of these words in any case; a warning and the first of them where it is none. */
export function readWord<Word extends string>(
  set: Given | null,
  words: readonly [Word, ...Word[]],
  warnings: string[],
): Word {
  const [fallback] = words;
  if (set === null) return fallback;
  const found = words.find((word) => word === set.value.toLowerCase());
  if (found !== undefined) return found;
  warnings.push(`otlp: ${set.name}: got ${quote(set.value)}, want ${words.join(", ")}. Using ${fallback}`);
  return fallback;
}

/** `key=value,key=value`, percent-encoded. */
export function readPairs(env: Env, name: string, warnings: string[]): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const entry of (env[name] ?? "").split(",")) {
    if (entry.trim() === "") continue;
    const [key, value] = readPair(entry);
    if (key === "") warnings.push(`otlp: ${name}: an entry is not key=value. It is left out`);
    else pairs.set(key, value);
  }
  return Object.fromEntries(pairs);
}

function readPair(entry: string): readonly [string, string] {
  const cut = entry.indexOf("=");
  if (cut < 1) return ["", ""];
  try {
    return [decodeURIComponent(entry.slice(0, cut).trim()), decodeURIComponent(entry.slice(cut + 1).trim())];
  } catch {
    return ["", ""];
  }
}

/** A value as a warning shows it. */
export function quote(value: string): string {
  return JSON.stringify(value.slice(0, 40));
}

const OF_THE_EXPORTER = [
  "ENDPOINT",
  "PROTOCOL",
  "HEADERS",
  "TIMEOUT",
  "COMPRESSION",
  "CERTIFICATE",
  "CLIENT_KEY",
  "CLIENT_CERTIFICATE",
].flatMap((what) => [`OTEL_EXPORTER_OTLP_${what}`, `OTEL_EXPORTER_OTLP_METRICS_${what}`]);

/** Variables that are heeded. */
const HEEDED: ReadonlySet<string> = new Set([
  ...OF_THE_EXPORTER,
  "OTEL_SDK_DISABLED",
  "OTEL_METRICS_EXPORTER",
  "OTEL_METRIC_EXPORT_INTERVAL",
  "OTEL_METRIC_EXPORT_TIMEOUT",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_SERVICE_NAME",
  "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
  "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
]);
/** Variables of the metrics' part that change nothing here, with what to do instead. */
const PASSED_OVER: ReadonlyMap<string, string> = new Map([
  ["OTEL_EXPORTER_OTLP_INSECURE", "it is for gRPC: the endpoint's http:// or https:// decides"],
  ["OTEL_EXPORTER_OTLP_METRICS_INSECURE", "it is for gRPC: the endpoint's http:// or https:// decides"],
  ["OTEL_METRICS_EXEMPLAR_FILTER", "no exemplars are recorded, since there are no traces"],
  ["OTEL_EXPORTER_PROMETHEUS_HOST", "--metrics-bind-address says where /metrics is served"],
  ["OTEL_EXPORTER_PROMETHEUS_PORT", "--metrics-bind-address says where /metrics is served"],
  ["OTEL_CONFIG_FILE", "no configuration file is read: the variables are"],
  ["OTEL_EXPERIMENTAL_CONFIG_FILE", "no configuration file is read: the variables are"],
  ["OTEL_LOG_LEVEL", "--log-level says what is logged"],
]);
/** Whose part of the specification a variable belongs to: the rest are of traces, of logs or of other languages. */
const OF_METRICS =
  /^OTEL_(?:SDK_|METRICS?_|RESOURCE_|SERVICE_|EXPORTER_OTLP_(?!TRACES_|LOGS_|PROFILES_)|EXPORTER_PROMETHEUS_)/;

/** A warning for each variable that is set and changes nothing. */
export function listIgnored(env: Env): readonly string[] {
  return Object.keys(env).flatMap((name) => {
    if (HEEDED.has(name) || readVariable(env, name) === null) return [];
    const why = PASSED_OVER.get(name) ?? (OF_METRICS.test(name) ? "no such setting is known here" : null);
    return why === null ? [] : [`otlp: ${name} is passed over: ${why}`];
  });
}
