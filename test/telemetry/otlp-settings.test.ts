/** The OTLP settings as the environment gives them. */
import { expect, test } from "bun:test";
import { readOtlpSettings } from "../../src/telemetry/otlp-settings.ts";

const BASE = "OTEL_EXPORTER_OTLP_ENDPOINT";
const OWN = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
const hint = "Point the endpoint at the collector's HTTP port, usually 4318";

test.each<[string, Record<string, string>, string | null]>([
  ["nothing set pushes nothing", {}, null],
  ["an empty endpoint is not set", { [BASE]: " " }, null],
  ["the base endpoint gets the path", { [BASE]: "http://c:4318" }, "http://c:4318/v1/metrics"],
  ["after a path of its own, too", { [BASE]: "https://c/otlp/" }, "https://c/otlp/v1/metrics"],
  ["the metrics endpoint is taken as it is", { [OWN]: "http://c:4318/x", [BASE]: "http://d" }, "http://c:4318/x"],
  ["disabled", { [BASE]: "http://c:4318", OTEL_SDK_DISABLED: "TRUE" }, null],
  ["no exporter", { [BASE]: "http://c:4318", OTEL_METRICS_EXPORTER: "none" }, null],
  ["Prometheus alone, which /metrics is", { [BASE]: "http://c:4318", OTEL_METRICS_EXPORTER: "prometheus" }, null],
  [
    "Prometheus and otlp",
    { [BASE]: "http://c:4318", OTEL_METRICS_EXPORTER: "prometheus, otlp" },
    "http://c:4318/v1/metrics",
  ],
  ["otlp without an endpoint", { OTEL_METRICS_EXPORTER: "otlp" }, "http://localhost:4318/v1/metrics"],
  [
    "empty variables are not set",
    { [BASE]: "http://c", [OWN]: "", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "", OTEL_METRICS_EXPORTER: "" },
    "http://c/v1/metrics",
  ],
])("%s", (_title, env, url) => {
  const { settings, warnings } = readOtlpSettings(env, "1");
  expect([settings?.url ?? null, warnings]).toEqual([url, []]);
});

test.each<[string, Record<string, string>, string]>([
  [
    "gRPC by protocol",
    { [BASE]: "http://c:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    `otlp: protocol grpc is not spoken here, pushing http/json instead. ${hint}`,
  ],
  ["gRPC by port", { [BASE]: "http://c:4317" }, `otlp: port 4317 is usually gRPC, which is not spoken here. ${hint}`],
  [
    "a protocol that is none",
    { [BASE]: "http://c:4318", OTEL_EXPORTER_OTLP_PROTOCOL: "http/xml" },
    'otlp: protocol "http/xml" is not spoken here, pushing http/json instead',
  ],
  [
    "a switch that is none",
    { [BASE]: "http://c", OTEL_SDK_DISABLED: "1" },
    'otlp: OTEL_SDK_DISABLED: got "1", want false, true. Using false',
  ],
  [
    "a timeout that is none",
    { [BASE]: "http://c", OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "10s" },
    'otlp: OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: got "10s", want milliseconds from 1 to 86400000. Using 10000',
  ],
  [
    "a compression that is none",
    { [BASE]: "http://c", OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" },
    'otlp: OTEL_EXPORTER_OTLP_COMPRESSION: got "zstd", want none, gzip. Using none',
  ],
  [
    "a temporality that is none",
    { [BASE]: "http://c", OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "sometimes" },
    'otlp: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: got "sometimes", want cumulative, delta, lowmemory. Using cumulative',
  ],
  [
    "an exporter that is none",
    { [BASE]: "http://c", OTEL_METRICS_EXPORTER: "otlp,console" },
    'otlp: OTEL_METRICS_EXPORTER: got "console", want otlp, prometheus or none',
  ],
  [
    "a variable that is for gRPC",
    { [BASE]: "http://c", OTEL_EXPORTER_OTLP_INSECURE: "true" },
    "otlp: OTEL_EXPORTER_OTLP_INSECURE is passed over: it is for gRPC: the endpoint's http:// or https:// decides",
  ],
  [
    "a variable of the metrics that nobody knows",
    {
      [BASE]: "http://c",
      OTEL_EXPORTER_OTLP_METRICS_WHAT: "x",
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "1",
      OTEL_BSP_X: "2",
    },
    "otlp: OTEL_EXPORTER_OTLP_METRICS_WHAT is passed over: no such setting is known here",
  ],
  [
    "an address without a scheme",
    { [BASE]: "collector:4318" },
    "otlp: OTEL_EXPORTER_OTLP_ENDPOINT: got another text, want an http:// or https:// address. Nothing is pushed",
  ],
  [
    "an interval that is none",
    { [BASE]: "http://c", OTEL_METRIC_EXPORT_INTERVAL: "30s" },
    'otlp: OTEL_METRIC_EXPORT_INTERVAL: got "30s", want milliseconds from 100 to 86400000. Using 60000',
  ],
  [
    "a header that is none, without its value",
    { [BASE]: "http://c", OTEL_EXPORTER_OTLP_HEADERS: "secret" },
    "otlp: OTEL_EXPORTER_OTLP_HEADERS: an entry is not key=value. It is left out",
  ],
])("warns of %s", (_title, env, warning) => {
  expect(readOtlpSettings(env, "1").warnings).toEqual([warning]);
});

test("headers, times and resource", () => {
  const { settings } = readOtlpSettings(
    {
      [BASE]: "http://c:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20a,x=1",
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: "x=2",
      OTEL_METRIC_EXPORT_INTERVAL: "5000",
      OTEL_METRIC_EXPORT_TIMEOUT: "9000",
      POD_NAME: "tk-0",
      POD_NAMESPACE: "sei",
      OTEL_RESOURCE_ATTRIBUTES: "cluster=prod,service.name=x",
      OTEL_SERVICE_NAME: "tide",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_TIMEOUT: "700",
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "500",
      OTEL_EXPORTER_OTLP_CERTIFICATE: "/all/ca",
      OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: "/ca",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "Delta",
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "BASE2_EXPONENTIAL_BUCKET_HISTOGRAM",
    },
    "1.2.3",
  );
  expect(settings).toEqual({
    url: "http://c:4318/v1/metrics",
    headers: { authorization: "Bearer a", x: "2" },
    format: "protobuf",
    intervalMs: 5000,
    exportTimeoutMs: 5000,
    timeoutMs: 500,
    temporality: "delta",
    histograms: "base2_exponential_bucket_histogram",
    files: { ca: { name: "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", value: "/ca" }, cert: null, key: null },
    resource: {
      "service.name": "tide",
      "service.version": "1.2.3",
      "k8s.pod.name": "tk-0",
      "k8s.namespace.name": "sei",
      cluster: "prod",
    },
  });
});
