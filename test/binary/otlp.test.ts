/** The push from a compiled binary: a package that loads parts of itself late can lose them when compiled. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pointsOf, receive, resourceOf } from "../telemetry/otlp-receiver.ts";
import { cannotRun, compiled, smallRoot, type SmallRoot } from "./small-root.ts";

describe.skipIf(cannotRun !== null)(`the push, compiled${cannotRun === null ? "" : ` (${cannotRun})`}`, () => {
  let folder = "";
  let root: SmallRoot;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "otlp-"));
    root = await smallRoot({ "/program": { from: compiled("otlp-program.ts", folder).fixed } });
  }, 120_000);
  afterAll(async () => {
    await root.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
    const child = root.start(["/program"], { env });
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { code, out, err };
  }

  test("the readiness of 5,000 nodes arrives, each under its own name", async () => {
    const receiver = receive(() => Promise.resolve(Response.json({})));
    const env = {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=tide",
      POD_NAME: "tidekeeper-0",
      POD_NAMESPACE: "sei",
    };
    const { code, out, err } = await run(env);
    await receiver.stop();
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ warnings: [], problems: [null] });

    expect(receiver.bodies.length).toBe(1);
    expect(receiver.headers[0]?.get("x-tenant")).toBe("tide");
    const [body] = receiver.bodies;
    expect(resourceOf(body)).toMatchObject({
      "service.name": "tidekeeper",
      "service.version": "9.9.9",
      "k8s.pod.name": "tidekeeper-0",
      "k8s.namespace.name": "sei",
    });
    const ready = pointsOf(body, "sei.controller.seinode.sidecar_ready");
    const names = new Set(ready.map(({ labels }) => `${labels.namespace}/${labels.name}`));
    expect([ready.length, names.size]).toEqual([5_000, 5_000]);
    expect(ready.filter(({ value }) => value === 0).length).toBe(500);
    expect(ready.some(({ labels }) => "otel.metric.overflow" in labels)).toBe(false);
    expect(pointsOf(body, "sei.controller.seinode.phase").length).toBe(5_000);
    expect(pointsOf(body, "sei.controller.drift.detected").map(({ value }) => value)).toEqual([500]);
    expect(pointsOf(body, "tidekeeper.heal.duration").map(({ value }) => value)).toEqual([1]);
  }, 60_000);

  test("a collector that hangs does not hold the end up for more than 5 s", async () => {
    const receiver = receive(() => new Promise<Response>(() => {}));
    const { code, out } = await run({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url });
    await receiver.stop();
    expect(code).toBe(0);
    expect(JSON.parse(out).shutdownMs).toBeLessThan(5_500);
  }, 60_000);

  test("a collector that fails ends it too, and is told of", async () => {
    const receiver = receive(() => Promise.resolve(new Response("", { status: 500 })));
    const { code, out } = await run({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url });
    await receiver.stop();
    expect(code).toBe(0);
    expect(JSON.parse(out).problems).toEqual([expect.stringMatching(/^otlp: push failed: /)]);
  }, 60_000);
});
