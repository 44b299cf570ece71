/** What the environment says about OTLP, after the OpenTelemetry specification, as settings and warnings. */
import {
  type Env,
  exporterSetting,
  type Given,
  readVariable,
  listIgnored,
  quote,
  readMs,
  readPairs,
  readWord,
} from "./otlp-environment.ts";

/** Where and how to push. Durations in milliseconds. */
export interface OtlpSettings {
  readonly url: string;
  readonly format: "json" | "protobuf";
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  /** Of collecting and pushing; never above `intervalMs`. */
  readonly exportTimeoutMs: number;
  /** Of one push, retries included; never above `exportTimeoutMs`. */
  readonly timeoutMs: number;
  readonly temporality: "cumulative" | "delta" | "lowmemory";
  readonly histograms: "explicit_bucket_histogram" | "base2_exponential_bucket_histogram";
  /** PEM files for TLS, each with the variable that names it; null = none. */
  readonly files: { readonly ca: Given | null; readonly cert: Given | null; readonly key: Given | null };
  readonly resource: Readonly<Record<string, string>>;
}

/** `settings` null = nothing is pushed. A warning is one line and names no header value. */
export interface OtlpReading {
  readonly settings: OtlpSettings | null;
  readonly warnings: readonly string[];
}

/** Where the specification has a collector listen. */
const USUAL = "http://localhost:4318/v1/metrics";

/** Reads the environment. Pushing starts only where an endpoint is set, or where `OTEL_METRICS_EXPORTER` says otlp. */
export function readOtlpSettings(env: Env, version: string): OtlpReading {
  const strange: string[] = [];
  const disabled = readWord(readVariable(env, "OTEL_SDK_DISABLED"), ["false", "true"], strange);
  if (disabled === "true") return { settings: null, warnings: [] };
  const { wants, warnings } = readExporters(env);
  warnings.push(...strange);
  if (wants === "nothing") return { settings: null, warnings };
  const url = readEndpoint(env, warnings, wants === "otlp" ? new URL(USUAL) : null);
  if (url === null) return { settings: null, warnings };
  const format = readFormat(env, url, warnings);
  const intervalMs = readMs(
    readVariable(env, "OTEL_METRIC_EXPORT_INTERVAL"),
    { least: 100, fallback: 60_000 },
    warnings,
  );
  const longestMs = readMs(readVariable(env, "OTEL_METRIC_EXPORT_TIMEOUT"), { least: 1, fallback: 30_000 }, warnings);
  const exportTimeoutMs = Math.min(longestMs, intervalMs);
  const timeoutMs = readMs(exporterSetting(env, "TIMEOUT"), { least: 1, fallback: 10_000 }, warnings);
  const preference = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
  const aggregation = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
  // The exporter reads this one itself.
  readWord(exporterSetting(env, "COMPRESSION"), ["none", "gzip"], warnings);
  const settings: OtlpSettings = {
    url: url.href,
    format,
    headers: {
      ...readPairs(env, "OTEL_EXPORTER_OTLP_HEADERS", warnings),
      ...readPairs(env, "OTEL_EXPORTER_OTLP_METRICS_HEADERS", warnings),
    },
    intervalMs,
    exportTimeoutMs,
    timeoutMs: Math.min(timeoutMs, exportTimeoutMs),
    temporality: readWord(readVariable(env, preference), ["cumulative", "delta", "lowmemory"], warnings),
    histograms: readWord(
      readVariable(env, aggregation),
      ["explicit_bucket_histogram", "base2_exponential_bucket_histogram"],
      warnings,
    ),
    files: {
      ca: exporterSetting(env, "CERTIFICATE"),
      cert: exporterSetting(env, "CLIENT_CERTIFICATE"),
      key: exporterSetting(env, "CLIENT_KEY"),
    },
    resource: readResource(env, version, warnings),
  };
  return { settings, warnings: [...warnings, ...listIgnored(env)] };
}

/** `endpoint` = pushes where an endpoint is set. */
function readExporters(env: Env): { readonly wants: "nothing" | "otlp" | "endpoint"; readonly warnings: string[] } {
  const set = readVariable(env, "OTEL_METRICS_EXPORTER");
  if (set === null) return { wants: "endpoint", warnings: [] };
  const names = set.value.split(",").map((name) => name.trim().toLowerCase());
  // /metrics is served whatever this says.
  const strange = names.filter((name) => !["otlp", "none", "prometheus", ""].includes(name));
  const warnings = strange.map((name) => `otlp: ${set.name}: got ${quote(name)}, want otlp, prometheus or none`);
  return { wants: names.includes("otlp") ? "otlp" : "nothing", warnings };
}

/** Null when none is set, and with a warning when it is no address. */
function readEndpoint(env: Env, warnings: string[], usual: URL | null): URL | null {
  const set = exporterSetting(env, "ENDPOINT");
  if (set === null) return usual;
  const url = URL.canParse(set.value) ? new URL(set.value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    warnings.push(`otlp: ${set.name}: got another text, want an http:// or https:// address. Nothing is pushed`);
    return null;
  }
  // The base endpoint gets the signal's path; the signal's own endpoint is taken as it stands.
  if (set.name === "OTEL_EXPORTER_OTLP_ENDPOINT") url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/metrics`;
  return url;
}

/** JSON unless protobuf is asked for. gRPC is what the reference speaks, so its endpoint is what people bring along. */
function readFormat(env: Env, url: URL, warnings: string[]): OtlpSettings["format"] {
  const protocol = exporterSetting(env, "PROTOCOL")?.value ?? "http/json";
  const hint = "Point the endpoint at the collector's HTTP port, usually 4318";
  if (protocol === "grpc") warnings.push(`otlp: protocol grpc is not spoken here, pushing http/json instead. ${hint}`);
  else if (url.port === "4317") {
    warnings.push(`otlp: port 4317 is usually gRPC, which is not spoken here. ${hint}`);
  } else if (protocol !== "http/json" && protocol !== "http/protobuf") {
    warnings.push(`otlp: protocol ${quote(protocol)} is not spoken here, pushing http/json instead`);
  }
  return protocol === "http/protobuf" ? "protobuf" : "json";
}

function readResource(env: Env, version: string, warnings: string[]): Record<string, string> {
  return {
    "service.name": "tidekeeper",
    "service.version": version,
    ...(env.POD_NAME ? { "k8s.pod.name": env.POD_NAME } : {}),
    ...(env.POD_NAMESPACE ? { "k8s.namespace.name": env.POD_NAMESPACE } : {}),
    ...readPairs(env, "OTEL_RESOURCE_ATTRIBUTES", warnings),
    ...(env.OTEL_SERVICE_NAME ? { "service.name": env.OTEL_SERVICE_NAME } : {}),
  };
}
