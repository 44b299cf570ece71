/** The OTLP push against a receiver: what arrives, and what a bad collector may delay. */
import { afterEach, expect, test } from "bun:test";
import { collectorAgent } from "../../src/host/index.ts";
import { createInstruments } from "../../src/telemetry/instruments.ts";
import { startOtlpPush } from "../../src/telemetry/otlp.ts";
import { pointsOf, receive } from "./otlp-receiver.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function setUp(reply: () => Promise<Response>) {
  const receiver = receive(reply);
  stops.push(receiver.stop);
  const problems: (string | null)[] = [];
  const due: { ms: number; run: () => void }[] = [];
  const instruments = createInstruments();
  const start = () =>
    startOtlpPush({
      settings: {
        url: receiver.url,
        format: "json",
        headers: { "x-key": "k" },
        intervalMs: 3_600_000,
        exportTimeoutMs: 5_000,
        timeoutMs: 5_000,
        temporality: "cumulative",
        histograms: "explicit_bucket_histogram",
        files: { ca: null, cert: null, key: null },
        resource: { "service.name": "tidekeeper" },
      },
      agent: (onReply) => collectorAgent(receiver.url, { ca: null, cert: null, key: null }, onReply),
      instruments,
      nodes: () => [{ namespace: "chain", name: "a", phase: "Running", sidecar: "notReady", planActive: true }],
      timers: {
        after(ms, run) {
          due.push({ ms, run });
          return () => {};
        },
      },
      onProblem: (problem) => problems.push(problem),
    });
  return { receiver, problems, due, instruments, start };
}

const accept = () => Promise.resolve(Response.json({}));

test("what is kept arrives, once each, and nothing arrives twice as large", async () => {
  const { receiver, problems, instruments, start } = setUp(accept);
  const push = await start();
  instruments.count("driftDetected", { detector: "image" }, 3);
  instruments.observe("healTime", 0.25, { detector: "sidecar-ready" });
  await push.flush();
  await push.flush();
  expect(problems).toEqual([null, null]);
  expect(receiver.headers.map((headers) => headers.get("x-key"))).toEqual(["k", "k"]);
  for (const body of receiver.bodies) {
    expect(pointsOf(body, "sei.controller.drift.detected")).toEqual([{ labels: { detector: "image" }, value: 3 }]);
    expect(pointsOf(body, "sei.controller.seinode.sidecar_ready")).toEqual([
      { labels: { namespace: "chain", name: "a" }, value: 0 },
    ]);
    expect(pointsOf(body, "sei.controller.plan.active").map(({ value }) => value)).toEqual([1]);
    expect(pointsOf(body, "tidekeeper.heal.duration")).toEqual([{ labels: { detector: "sidecar-ready" }, value: 1 }]);
  }
  await push.shutdown();
});

test("a collector that refuses is told of in one line", async () => {
  const { problems, start } = setUp(() => Promise.resolve(new Response("no\nno", { status: 400 })));
  const push = await start();
  await push.flush();
  expect(problems).toEqual(["otlp: push failed: the collector answered 400: no no"]);
  await push.shutdown();
});

test("shutdown does not outlast its 5 s, whatever the collector does", async () => {
  const asked = Promise.withResolvers<void>();
  const { due, start } = setUp(() => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  const push = await start();
  const ended = push.shutdown();
  await asked.promise;
  expect(due.map(({ ms }) => ms)).toEqual([5_000]);
  due[0]?.run();
  await ended;
});
