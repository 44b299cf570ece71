import { expect, test } from "bun:test";
import { readOtlpSettings } from "../../src/telemetry/index.ts";

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
    "protobuf",
    { [BASE]: "http://c:4318", OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" },
    'otlp: protocol "http/protobuf" is not spoken here, pushing http/json instead',
  ],
  [
    "an address without a scheme",
    { [BASE]: "collector:4318" },
    "otlp: OTEL_EXPORTER_OTLP_ENDPOINT: want an http:// or https:// address. Nothing is pushed",
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
    },
    "1.2.3",
  );
  expect(settings).toEqual({
    url: "http://c:4318/v1/metrics",
    headers: { authorization: "Bearer a", x: "2" },
    intervalMs: 5000,
    timeoutMs: 5000,
    resource: {
      "service.name": "tide",
      "service.version": "1.2.3",
      "k8s.pod.name": "tk-0",
      "k8s.namespace.name": "sei",
      cluster: "prod",
    },
  });
});
