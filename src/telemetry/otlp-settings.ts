/** What the environment says about OTLP, after the OpenTelemetry specification, as settings and warnings. */

/** Where and how to push. Durations in milliseconds. */
export interface OtlpSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  /** Of one push, retries included; never above `intervalMs`. */
  readonly timeoutMs: number;
  readonly resource: Readonly<Record<string, string>>;
}

/** `settings` null = nothing is pushed. A warning is one line and names no header value. */
export interface OtlpReading {
  readonly settings: OtlpSettings | null;
  readonly warnings: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

const off = (...warnings: string[]): OtlpReading => ({ settings: null, warnings });

/** Reads the environment. Pushing starts only where an endpoint is set. */
export function readOtlpSettings(env: Env, version: string): OtlpReading {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === "true" || env.OTEL_METRICS_EXPORTER?.trim() === "none") {
    return off();
  }
  const url = readEndpoint(env);
  if (url === null) return off();
  if (typeof url === "string") return off(url);
  const warnings: string[] = [...protocolWarnings(env, url)];
  const intervalMs = readMs(env, "OTEL_METRIC_EXPORT_INTERVAL", 60_000, warnings);
  const exportMs = readMs(env, "OTEL_METRIC_EXPORT_TIMEOUT", 30_000, warnings);
  const headers = {
    ...readPairs(env, "OTEL_EXPORTER_OTLP_HEADERS", warnings),
    ...readPairs(env, "OTEL_EXPORTER_OTLP_METRICS_HEADERS", warnings),
  };
  const resource = readResource(env, version, warnings);
  const timeoutMs = Math.min(exportMs, intervalMs);
  return { settings: { url: url.href, headers, intervalMs, timeoutMs, resource }, warnings };
}

/** Null when none is set, a warning when it is no address. */
function readEndpoint(env: Env): URL | string | null {
  const own = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT?.trim() || null;
  const given = own ?? (env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() || null);
  if (given === null) return null;
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const name = own === null ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    return `otlp: ${name}: want an http:// or https:// address. Nothing is pushed`;
  }
  // The base endpoint gets the signal's path; the signal's own endpoint is taken as it stands.
  if (own === null) url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/metrics`;
  return url;
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

/** gRPC is what the reference speaks, so its endpoint is what people will bring along. */
function protocolWarnings(env: Env, url: URL): string[] {
  const protocol = env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/json";
  const hint = "Point the endpoint at the collector's HTTP port, usually 4318";
  if (protocol.trim() === "grpc") return [`otlp: protocol grpc is not spoken here, pushing http/json instead. ${hint}`];
  if (url.port === "4317") return [`otlp: port 4317 is usually gRPC, which is not spoken here. ${hint}`];
  if (protocol.trim() === "http/json") return [];
  return [
    `otlp: protocol ${JSON.stringify(protocol.trim().slice(0, 40))} is not spoken here, pushing http/json instead`,
  ];
}

function readMs(env: Env, name: string, fallback: number, warnings: string[]): number {
  const raw = env[name]?.trim();
  if (raw === undefined || raw === "") return fallback;
  // Above a day a timer would overflow and fire at once.
  if (/^\d{1,8}$/.test(raw) && Number(raw) >= 100 && Number(raw) <= 86_400_000) return Number(raw);
  const got = JSON.stringify(raw.slice(0, 40));
  warnings.push(`otlp: ${name}: got ${got}, want milliseconds from 100 to 86400000. Using ${fallback}`);
  return fallback;
}

/** `key=value,key=value`, percent-encoded. */
function readPairs(env: Env, name: string, warnings: string[]): Record<string, string> {
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
