/** Verdicts without a controller, on the simulated cluster in virtual time: the loop judges, and nothing is written. */
import { expect, test } from "bun:test";
import type { ApiTransport } from "../../src/base/index.ts";
import { registry, startSession } from "../../src/controller/index.ts";
import { realWorld } from "../../src/host/index.ts";
import { judgeFleet } from "../../src/laptop/judge-fleet.ts";
import { driftRow } from "../../src/laptop/drift-row.ts";
import { readOnly } from "../../src/laptop/read-only.ts";
import { conditionOf } from "../../src/model/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { createSimCluster } from "../../src/sim/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";
import { virtualTime } from "../sim/virtual-time.ts";

const NAMES = ["a", "b", "c"];

/** Nodes that a controller brought up, which then ended; what is written from then on is counted. */
async function stage() {
  const time = virtualTime();
  const sim = createSimCluster({ ...time });
  const list = registry([], null);
  const platform = readPlatform({});
  if (!list.ok || !platform.ok) throw new Error("refused");
  const session = startSession({
    ...time,
    api: sim.api,
    direct: sim.sidecars,
    route: "direct",
    platform: platform.platform,
    detectors: list.detectors,
    mode: "act",
    namespace: "sei",
    selector: null,
    probeIntervalMs: 10_000,
    concurrency: 8,
    maxUnavailable: { value: 1, isPercent: true },
    lease: null,
    instance: "t",
    instruments: createInstruments(),
    log: createLogger({ level: "error", format: "json", sink: () => undefined, clock: time.clock }),
    onOver: () => undefined,
  });
  for (const name of NAMES) await time.until(sim.control.createNode({ namespace: "sei", name, image: "seid:v1" }));
  await time.run(120_000);
  await time.until(session.stop());
  const written: string[] = [];
  const api: ApiTransport = {
    request(request, limits) {
      if (request.method !== "GET") written.push(`${request.method} ${request.path}`);
      return sim.api.request(request, limits);
    },
    stream: (request, limits) => sim.api.stream(request, limits),
  };
  const world = { ...realWorld, ...time, transports: { api: () => api, direct: () => sim.sidecars } };
  const judge = async (nodes: readonly string[] = []) => {
    const fleet = judgeFleet({
      reading: {
        world,
        stopping: new AbortController().signal,
        api: readOnly(api),
        namespace: "sei",
        connection: {
          origin: "https://sim",
          basePath: "",
          tls: { ca: null, cert: null, key: null, serverName: null, insecure: false },
          renewTls: () => Promise.reject(new Error("nobody asks")),
          authorization: () => Promise.resolve(null),
          headers: {},
          proxy: null,
          namespace: "sei",
          source: "kubeconfig",
          description: "context sim",
          warnings: [],
        },
        apis: () => Promise.reject(new Error("nobody asks")),
        aheadMs: () => null,
      },
      command: "drift",
      detectors: list.detectors,
      platform: platform.platform,
      route: "direct",
      selector: null,
      nodes,
    });
    return time.until(fleet);
  };
  return { time, sim, judge, written };
}

test("a fleet at rest has no drift", async () => {
  const { judge, written } = await stage();
  const { judgements, known } = await judge();
  expect(judgements.map((one) => driftRow(one)).map(({ name, ready, drift }) => [name, ready, drift])).toEqual(
    NAMES.map((name) => [name, "True", null]),
  );
  expect([...known].toSorted()).toEqual(NAMES.map((name) => `sei/${name}`));
  expect(written).toEqual([]);
});

test("a gate that is shut is told with its plan, as a controller would write it, and stays shut", async () => {
  const { time, sim, judge, written } = await stage();
  sim.control.restartSidecar("sei", "b");
  await time.run(30_000);
  const { judgements } = await judge();
  const [a, b] = judgements;
  if (a === undefined || b === undefined) throw new Error("lost");
  expect(driftRow(b)).toMatchObject({
    drift: "SidecarNotReady",
    detector: "sidecar-ready",
    plan: ["mark-ready"],
    ready: "False",
    why: "NotReady",
  });
  // What is stored does not know it yet.
  expect(conditionOf(b.stored.status.conditions, "Drift")?.status ?? "none").not.toBe("True");
  expect(conditionOf(b.node.status.conditions, "Drift")?.status).toBe("True");
  expect(driftRow(a).drift).toBeNull();
  expect(sim.control.isGateOpen("sei", "b")).toBe(false);
  expect(written).toEqual([]);
});

test("of nodes that are not asked for, no sidecar is asked", async () => {
  const { sim, time, judge } = await stage();
  sim.control.restartSidecar("sei", "b");
  await time.run(30_000);
  const { judgements, known } = await judge(["a"]);
  expect(judgements.map(({ node }) => node.metadata.name)).toEqual(["a"]);
  expect(known).toHaveLength(3);
});

test("detectors behind the first are asked too, and named", async () => {
  const { sim, time, judge } = await stage();
  sim.control.restartSidecar("sei", "c");
  await time.until(sim.control.setImage("sei", "c", "seid:v2"));
  await time.run(30_000);
  const { judgements } = await judge(["c"]);
  const [c] = judgements;
  if (c === undefined) throw new Error("lost");
  const { drift, seen } = driftRow(c);
  expect(drift).toBe("ImageChanged");
  expect(seen.map(({ reason }) => reason)).toContain("ImageChanged");
  expect(c.findings.map(({ detector, wasAsked }) => [detector, wasAsked])).toEqual([
    ["image", true],
    ["sidecar-image", false],
    ["sidecar-ready", false],
    ["workload", false],
  ]);
});
