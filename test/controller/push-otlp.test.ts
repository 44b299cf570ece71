/** What the environment says of OTLP, against collectors that are played: formats, TLS, times, and their own words. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { pushOtlp } from "../../src/controller/push-otlp.ts";
import { realWorld } from "../../src/host/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";

const root = await certificate({ name: "root", days: 1, issuer: null });
const inter = await certificate({ name: "inter", days: 1, issuer: root, isIntermediate: true });
const leaf = await certificate({ name: "collector", hosts: ["127.0.0.1"], days: 1, issuer: inter });
const other = await certificate({ name: "other", hosts: ["other.example"], days: 1, issuer: inter });
const client = await certificate({ name: "client", days: 1, issuer: root });

let folder = "";
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "otlp-"));
  const files = {
    "root.crt": root.certificatePem,
    "inter.crt": inter.certificatePem,
    "leaf.crt": leaf.certificatePem,
    "client.crt": client.certificatePem,
    "client.key": client.keyPem,
    "no.crt": "hello",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(file(name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Push {
  readonly path: string;
  readonly type: string | null;
  readonly encoding: string | null;
  readonly bytes: Uint8Array;
}

type Reply = () => Response | Promise<Response>;
const accepted: Reply = () => Response.json({});

/** A collector; `identity` null = without TLS. */
function collector(
  reply: Reply,
  identity: { readonly cert: string; readonly key: string; readonly ca?: string } | null,
) {
  const pushes: Push[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...(identity === null
      ? {}
      : {
          tls: { ...identity, requestCert: identity.ca !== undefined, rejectUnauthorized: identity.ca !== undefined },
        }),
    async fetch(request) {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const { headers } = request;
      pushes.push({
        path: new URL(request.url).pathname,
        type: headers.get("content-type"),
        encoding: headers.get("content-encoding"),
        bytes,
      });
      return reply();
    },
  });
  stops.push(() => server.stop(true));
  return { url: `${identity === null ? "http" : "https"}://127.0.0.1:${server.port}`, pushes };
}

/** Pushes once with this environment; the records that were logged, in short. */
async function pushed(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const told: string[] = [];
  const sink = (line: string): void => {
    const { level, msg, warning, problem } = JSON.parse(line);
    told.push(`${level}: ${warning ?? problem ?? msg}`);
  };
  const instruments = createInstruments();
  const push = await pushOtlp({
    world: { ...realWorld, env },
    log: createLogger({ level: "info", format: "json", sink, clock: realWorld.clock }),
    instruments,
    nodes: () => [],
    stopping: new AbortController().signal,
  });
  instruments.count("driftDetected", { detector: "image" }, 3);
  instruments.observe("healTime", 0.25, { detector: "image" });
  await push?.flush();
  await push?.shutdown();
  return told;
}

const OK = ["info: OTLP push works"];
const lines = (told: readonly string[]): readonly string[] => [...new Set(told)];
const served = { cert: leaf.certificatePem + inter.certificatePem, key: leaf.keyPem };

test("JSON by default, protobuf where it is asked for", async () => {
  const { url, pushes } = collector(accepted, null);
  expect(lines(await pushed({ OTEL_EXPORTER_OTLP_ENDPOINT: url }))).toEqual(OK);
  const protobuf = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" };
  expect(lines(await pushed(protobuf))).toEqual(OK);
  const kinds = new Set(pushes.map(({ path, type }) => `${path} ${type}`));
  expect([...kinds]).toEqual(["/v1/metrics application/json", "/v1/metrics application/x-protobuf"]);
  const [first, last] = [pushes[0], pushes.at(-1)].map((push) => Buffer.from(push?.bytes ?? []).toString("latin1"));
  expect(JSON.parse(first ?? "")).toHaveProperty("resourceMetrics");
  expect(last).toContain("sei.controller.drift.detected");
  expect(last).not.toContain("{");
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ["temporality", { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta" }, /"aggregationTemporality":1/],
  [
    "histograms",
    { OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "base2_exponential_bucket_histogram" },
    /"exponentialHistogram"/,
  ],
  ["the resource", { OTEL_RESOURCE_ATTRIBUTES: "cluster=prod" }, /"key":"cluster","value":\{"stringValue":"prod"\}/],
])("%s as the environment says", async (_title, env, want) => {
  const { url, pushes } = collector(accepted, null);
  await pushed({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...env });
  expect(Buffer.from(pushes[0]?.bytes ?? []).toString()).toMatch(want);
});

test.each<[string, Readonly<Record<string, string>>, { readonly ca?: string }]>([
  ["a root", { CERTIFICATE: "root.crt" }, {}],
  ["an intermediate", { CERTIFICATE: "inter.crt" }, {}],
  ["the collector's own certificate", { METRICS_CERTIFICATE: "leaf.crt", CERTIFICATE: "gone" }, {}],
  [
    "a client certificate",
    { CERTIFICATE: "root.crt", CLIENT_CERTIFICATE: "client.crt", CLIENT_KEY: "client.key" },
    { ca: root.certificatePem },
  ],
])("TLS with %s", async (_title, files, mutual) => {
  const { url, pushes } = collector(accepted, { ...served, ...mutual });
  const named = Object.entries(files).map(([name, path]) => [`OTEL_EXPORTER_OTLP_${name}`, file(path)]);
  expect(lines(await pushed({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...Object.fromEntries(named) }))).toEqual(OK);
  expect(pushes.length).toBeGreaterThan(0);
});

test("a CA that is another's, and a wrong name, are refused", async () => {
  const { url } = collector(accepted, served);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_CERTIFICATE: file("client.crt") };
  expect((await pushed(env))[0]).toMatch(
    /^warn: otlp: push failed: .*certificate.* Check OTEL_EXPORTER_OTLP_CERTIFICATE$/,
  );
  const foreign = collector(accepted, { cert: other.certificatePem + inter.certificatePem, key: other.keyPem });
  const named = { OTEL_EXPORTER_OTLP_ENDPOINT: foreign.url, OTEL_EXPORTER_OTLP_CERTIFICATE: file("root.crt") };
  expect((await pushed(named))[0]).toMatch(/^warn: otlp: push failed: .*altnames/);
});

test.each<[string, Readonly<Record<string, string>>, () => string]>([
  [
    "a CA that is not there",
    { OTEL_EXPORTER_OTLP_CERTIFICATE: "/nonexistent" },
    () => "OTEL_EXPORTER_OTLP_CERTIFICATE: read /nonexistent: got no such file, want one that can be read",
  ],
  [
    "a key that is not there",
    { OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: "/no.key" },
    () => "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: read /no.key: got no such file, want one that can be read",
  ],
  [
    "a CA without a certificate",
    { OTEL_EXPORTER_OTLP_CERTIFICATE: "no.crt" },
    () => `OTEL_EXPORTER_OTLP_CERTIFICATE: ${file("no.crt")}: got no PEM text, want a certificate or a key in PEM`,
  ],
  [
    "a certificate without its key",
    { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "client.crt" },
    () => "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: got a client certificate without its key, or a key alone, want both",
  ],
])("%s is an error with its name, and nothing is pushed", async (_title, env, why) => {
  const { url, pushes } = collector(accepted, served);
  const paths = Object.entries(env).map(([name, path]) => [name, path.startsWith("/") ? path : file(path)]);
  const told = await pushed({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...Object.fromEntries(paths) });
  expect(told).toEqual([`error: otlp: ${why()}. Nothing is pushed`]);
  expect(pushes).toEqual([]);
});

test("a CA that is not there is named where the endpoint is plain too, and pushing goes on", async () => {
  const { url, pushes } = collector(accepted, null);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_CERTIFICATE: "/nonexistent" };
  expect(lines(await pushed(env))).toEqual([
    "error: otlp: OTEL_EXPORTER_OTLP_CERTIFICATE: read /nonexistent: got no such file, want one that can be read",
    ...OK,
  ]);
  expect(pushes.length).toBeGreaterThan(0);
});

test("an answer after the time that was given is none", async () => {
  const { url } = collector(() => Bun.sleep(3000).then(accepted), null);
  const told = await pushed({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: "300" });
  expect(told[0]).toBe("warn: otlp: push failed: got a timeout after 300 ms, want a reply");
});

const status = (code: number, words: string): Uint8Array =>
  Uint8Array.from([8, code, 18, words.length, ...Buffer.from(words)]);

test.each<[string, Reply, string]>([
  [
    "refuses",
    () => new Response("json encoding isn't supported\nUse protobuf", { status: 400 }),
    "push failed: the collector answered 400: json encoding isn't supported Use protobuf",
  ],
  [
    "is over its limit",
    () => new Response("slow down", { status: 429, headers: { "retry-after": "60" } }),
    "push failed: the collector answered 429: slow down",
  ],
  [
    "is away",
    () => new Response("", { status: 503, headers: { "retry-after": "60" } }),
    "push failed: the collector answered 503",
  ],
  [
    "answers in protobuf",
    () => new Response(status(3, "bad resource"), { status: 400 }),
    "push failed: the collector answered 400: bad resource",
  ],
  [
    "leads elsewhere",
    () => new Response("", { status: 302, headers: { location: "/login" } }),
    "push failed: the collector answered 302",
  ],
  [
    "takes a part",
    () => Response.json({ partialSuccess: { rejectedDataPoints: "5", errorMessage: "too old" } }),
    "the collector took a push in part: ",
  ],
])("the words of a collector that %s are told", async (_title, reply, want) => {
  const { url } = collector(reply, null);
  const told = await pushed({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  expect(told[0]).toStartWith(`warn: otlp: ${want}`);
  expect(lines(told).length).toBe(1);
});
