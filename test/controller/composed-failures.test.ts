/**
 * Every failure as a person is told it at last, after all who pass it on have put their words before it: one line of plain
 * English, nothing of it said twice, and no secret. Servers and sockets are real; a server plays each failure.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { certificate } from "../../scripts/cluster/certificate.ts";
import { watchLog } from "../../src/controller/watch-log.ts";
import { connectionPorts } from "../../src/controller/connect.ts";
import { pushOtlp } from "../../src/controller/push-otlp.ts";
import { realWorld } from "../../src/host/index.ts";
import { statusWriter } from "../../src/controller/writer.ts";
import { createStores } from "../../src/controller/caches.ts";
import { objectReads } from "../../src/controller/objects.ts";
import { failureOutcome } from "../../src/executor/index.ts";
import { createClient } from "../../src/kube/client/index.ts";
import { ConnectionError, execCredential, type ExecReply } from "../../src/kube/connect/index.ts";
import { startReflector } from "../../src/kube/watch/index.ts";
import type { ApiTransport } from "../../src/base/index.ts";
import { createSidecar } from "../../src/sidecar/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";
import { faultsIn } from "../fixtures/plain-words.ts";

const SECRET = "s3cret-canary";
const NEVER = new AbortController().signal;
const DEADLINE_MS = 150;

const refusal = (code: number, reason: string, message: string): Response =>
  Response.json({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message }, { status: code });

/** What a server answers, by the first part of the path; most as a real API server words it. */
const ANSWERS: Readonly<Record<string, () => Response | Promise<Response>>> = {
  unauthorized: () => refusal(401, "Unauthorized", "Unauthorized"),
  forbidden: () =>
    refusal(
      403,
      "Forbidden",
      'seinodes.sei.io is forbidden: User "system:serviceaccount:sei:tidekeeper" cannot list resource',
    ),
  "CRD missing": () => new Response("404 page not found\n", { status: 404 }),
  conflict: () =>
    refusal(409, "Conflict", "the object has been modified; please apply your changes to the latest version"),
  invalid: () => refusal(422, "Invalid", 'StatefulSet.apps "a" is invalid: spec.serviceName: Required value'),
  "too many requests": () => refusal(429, "TooManyRequests", "too many requests, please try again later"),
  "server error": () =>
    refusal(500, "InternalError", 'Internal error occurred: failed calling webhook "policy.example.com"'),
  "proxy error": () =>
    refusal(503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.9:7777: connection refused"),
  "a body of none": () => new Response("", { status: 502 }),
  "bad JSON": () => new Response("<html>", { status: 200, headers: { "content-type": "text/html" } }),
  timeout: () => new Promise<Response>(() => undefined),
};

const root = await certificate({ name: "root", days: 1, issuer: null });
const self = await certificate({ name: "kube", hosts: ["127.0.0.1"], days: 1, issuer: root });
let plain: ReturnType<typeof Bun.serve>;
let tls: ReturnType<typeof Bun.serve>;
let closing: Server;
let closed = 0;

beforeAll(async () => {
  const fetch = ({ url }: Request): Response | Promise<Response> => {
    const [, name = ""] = decodeURIComponent(new URL(url).pathname).split("/");
    return ANSWERS[name]?.() ?? new Response("{}");
  };
  plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, idleTimeout: 0 });
  tls = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, tls: { cert: self.certificatePem, key: self.keyPem } });
  // A stream that ends in the middle, whatever was asked.
  closing = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"type":');
      setTimeout(() => socket.resetAndDestroy(), 10);
    });
  });
  await new Promise<void>((resolve) => void closing.listen(0, "127.0.0.1", resolve));
  const away = createServer();
  await new Promise<void>((resolve) => void away.listen(0, "127.0.0.1", resolve));
  closed = portOf(away);
  await new Promise<void>((resolve) => void away.close(() => resolve()));
});
afterAll(async () => {
  await plain.stop(true);
  await tls.stop(true);
  closing.close();
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const CASES = [...Object.keys(ANSWERS), "connection refused", "TLS", "closed stream", "no credentials"] as const;

function originOf(name: string): string {
  if (name === "connection refused") return `http://127.0.0.1:${closed}`;
  if (name === "closed stream") return `http://127.0.0.1:${portOf(closing)}`;
  return name === "TLS"
    ? `https://127.0.0.1:${tls.port}`
    : `http://127.0.0.1:${plain.port}/${encodeURIComponent(name)}`;
}

function transportOf(name: string): ApiTransport {
  const api = realWorld.transports.api({
    origin: originOf(name),
    tls: { ca: null, cert: null, key: null, serverName: null, insecure: false },
    authorization: async () => {
      if (name === "no credentials") throw noCredentials();
      return `Bearer ${SECRET}`;
    },
    userAgent: "test",
  });
  return {
    request: (request, limits) => api.request(request, { ...limits, deadlineMs: DEADLINE_MS }),
    stream: (request, limits) => api.stream(request, { ...limits, deadlineMs: DEADLINE_MS }),
  };
}

function noCredentials(): ConnectionError {
  return new ConnectionError(
    "CREDENTIAL_PLUGIN_FAILED",
    "credential plugin aws: exit code 255: Unable to locate credentials",
  );
}

function expectPlain(texts: readonly string[]): void {
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.flatMap((text) => faultsIn(text, SECRET).map((fault) => `${fault} in: ${text}`))).toEqual([]);
}

test.each<[string, string]>([
  [
    "got and want told twice",
    "watch pods: UNREACHABLE GET https://x: got connection refused, want a reply, want an answer.",
  ],
  ["a want of nothing", "GET https://x: got no whole reply in 2400 ms, want one"],
  ["words told twice", "the sidecar cannot be reached: the sidecar cannot be asked: connection refused"],
  ["a secret", `GET https://x: got 401 for Bearer ${SECRET}, want 200`],
  ["two lines", "GET https://x: got 500\nwant 200"],
])("%s would be found", (_title, text) => {
  expect(faultsIn(text, SECRET).length).toBeGreaterThan(0);
});

describe.each(CASES.map((name) => [name]))("API server, %s:", (name) => {
  test("a request, and what a task and a status patch tell of it", async () => {
    const client = createClient(transportOf(name));
    const stores = createStores();
    const read = await objectReads(client, { ...stores, reflectors: new Map() }).statefulSet("sei", "a");
    const writer = statusWriter(
      { client, direct: client, turn: async () => () => undefined, mayWrite: () => true },
      stores.nodes,
    );
    const metadata = { namespace: "sei", name: "a", uid: "u", resourceVersion: "1", generation: 1 };
    const patched = await writer.patch({ metadata, spec: {}, status: {} }, {});
    expect(read.kind).not.toBe("ok");
    const outcome = read.kind === "ok" ? null : failureOutcome("StatefulSet sei/a", read);
    const told = outcome !== null && "why" in outcome ? [outcome.why] : [];
    // As `store` in src/core/persist.ts words them.
    if (patched.kind === "lost") told.push(`the reply to a status patch was lost: ${patched.why}`);
    if (patched.kind === "refused") told.push(`the status patch was refused: ${patched.why}`);
    expectPlain(told);
  });

  // Neither is said of a watch.
  if (name === "conflict" || name === "invalid") return;
  test("a watch, in /readyz and in the log", async () => {
    const stopping = new AbortController();
    const { promise: troubled, resolve } = Promise.withResolvers<void>();
    const lines: string[] = [];
    const log = createLogger({
      level: "info",
      format: "json",
      clock: realWorld.clock,
      sink: (line) => void lines.push(line),
    });
    // What is gathered is told at once.
    const timers = {
      after(ms: number, run: () => void) {
        if (ms < 5000) queueMicrotask(run);
        return () => undefined;
      },
    };
    const watches = watchLog({ log, clock: realWorld.clock, timers, server: "https://10.0.0.1" });
    const reflector = startReflector({
      ...realWorld,
      transport: transportOf(name),
      path: "/apis/sei.io/v1alpha1/seinodes",
      project: () => null,
      store: createStores().nodes,
      report(report) {
        watches.tell(report);
        if (report.type === "fallback") lines.length = 0;
        if ("waitMs" in report && report.type !== "fallback") resolve();
      },
      signal: stopping.signal,
    });
    await troubled;
    const { problem } = reflector.health;
    stopping.abort();
    await reflector.stopped;
    const record = Object(JSON.parse(lines.find((line) => line.includes("A watch failed")) ?? "{}"));
    expect([record.resource, typeof record.hint]).toEqual(["seinodes.sei.io", "string"]);
    expectPlain([problem ?? "", `${record.why}. ${record.hint}`]);
  });
});

const ROUTES = ["direct", "apiserver"] as const;
describe.each(ROUTES.flatMap((route) => CASES.map((name) => [route, name] as const)))(
  "sidecar, %s, %s:",
  (kind, name) => {
    test("a probe, a task that is handed over, and one that is asked for", async () => {
      const url = new URL(originOf(name));
      const straight = realWorld.transports.direct();
      const sidecar = createSidecar({
        route:
          kind === "direct"
            ? { kind, host: "10.0.0.9", port: 7777 }
            : { kind, namespace: "sei", pod: "a-0", port: 7777 },
        direct: {
          request: (_target, request, limits) =>
            straight.request(
              { host: url.hostname, port: Number(url.port) },
              { ...request, path: `${url.pathname}${request.path}` },
              { ...limits, deadlineMs: DEADLINE_MS },
            ),
        },
        api: transportOf(name),
      });
      const health = await sidecar.health(NEVER, DEADLINE_MS);
      const submitted = await sidecar.submit({ id: "5f3c", type: "mark-ready" }, NEVER);
      const task = await sidecar.task("5f3c", NEVER);
      const told = [health, submitted, task].flatMap((answer) => ("cause" in answer ? [answer.cause] : []));
      expectPlain(told);
    });
  },
);

describe.each(CASES.filter((name) => name !== "no credentials" && name !== "bad JSON").map((name) => [name]))(
  "OTLP, %s:",
  (name) => {
    test("a push", async () => {
      const told: string[] = [];
      const instruments = createInstruments();
      const push = await pushOtlp({
        world: {
          ...realWorld,
          env: { OTEL_EXPORTER_OTLP_ENDPOINT: originOf(name), OTEL_EXPORTER_OTLP_TIMEOUT: String(DEADLINE_MS) },
        },
        log: createLogger({
          level: "warn",
          format: "json",
          clock: realWorld.clock,
          sink: (line) => void told.push(Object(JSON.parse(line)).problem),
        }),
        instruments,
        nodes: () => [],
        stopping: NEVER,
      });
      instruments.count("driftDetected", { detector: "image" });
      await push?.flush();
      await push?.shutdown();
      expectPlain(told);
    }, 20_000);
  },
);

const GAVE = { code: 0, stdout: "", stderr: "", failure: null } as const;
test.each<[string, ExecReply]>([
  ["is not there", { ...GAVE, code: null, failure: "absent" }],
  ["does not end", { ...GAVE, code: null, failure: "timeout" }],
  ["prints too much", { ...GAVE, code: null, failure: "tooLarge" }],
  ["is called off", { ...GAVE, code: null, failure: "calledOff" }],
  ["fails", { ...GAVE, code: 255, stderr: "Unable to locate credentials.\nRun aws configure.\n" }],
  ["prints no JSON", { ...GAVE, stdout: "<html>" }],
  [
    "prints another version",
    { ...GAVE, stdout: JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1alpha1" }) },
  ],
  [
    "prints no credential",
    { ...GAVE, stdout: JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", status: {} }) },
  ],
])("exec credential: a program that %s", async (_title, reply) => {
  const plan = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "aws",
    args: [],
    env: {},
    interactiveMode: "Never",
    installHint: "",
    cluster: null,
  };
  const isTerminal = { stdin: false, stdout: false, stderr: false };
  const ports = connectionPorts({ ...realWorld, isTerminal }, NEVER);
  const error: unknown = await execCredential(plan, { ...ports, exec: async () => reply }).catch(
    (caught: unknown) => caught,
  );
  expectPlain([error instanceof Error ? error.message : ""]);
});
