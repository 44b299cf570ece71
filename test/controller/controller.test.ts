/** Which nodes a controller works on: the whole of it on the simulated cluster, in virtual time. */
import { expect, spyOn, test } from "bun:test";
import { createRequestQueue } from "../../src/kube/client/index.ts";
import { createController } from "../../src/controller/controller.ts";
import { registry } from "../../src/controller/registry.ts";
import { shardOf } from "../../src/kube/lease/index.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { createSimCluster } from "../../src/sim/index.ts";
import { createInstruments, createLogger, reconcileTelemetry } from "../../src/telemetry/index.ts";
import { virtualTime } from "../sim/virtual-time.ts";

const SHARDS = 2;
const names = Array.from({ length: 6 }, (_one, index) => `n${index}`);
const of = (shard: number): readonly string[] => names.filter((name) => shardOf(`sei/${name}`, SHARDS) === shard);

async function stage() {
  const time = virtualTime();
  const sim = createSimCluster({
    ...time,
  });
  const list = registry([], null);
  const platform = readPlatform({});
  if (!list.ok || !platform.ok) throw new Error("refused");
  const instruments = createInstruments();
  const log = createLogger({ level: "error", format: "json", sink: () => undefined, clock: time.clock });
  /** While it is set, no sidecar answers. */
  const hold: { until: Promise<void> | null } = { until: null };
  const requests = createRequestQueue({ clock: time.clock, timers: time.timers, places: 64 });
  const controller = createController({
    ...time,
    api: sim.api,
    direct: {
      async request(target, request, limits) {
        await hold.until;
        return sim.sidecars.request(target, request, limits);
      },
    },
    route: "direct",
    platform: platform.platform,
    detectors: list.detectors,
    mode: "act",
    namespace: null,
    selector: null,
    probeIntervalMs: 10_000,
    concurrency: 8,
    maxUnavailable: { value: 1, isPercent: true },
    report: {
      ...reconcileTelemetry({ instruments, log, clock: time.clock, timers: time.timers, probeIntervalMs: 10_000 }),
      watch: () => undefined,
      queue: {
        added: () => undefined,
        retried: () => undefined,
        waited: () => undefined,
        worked: () => undefined,
      },
    },
    send: () => undefined,
    mayWrite: () => true,
    requests,
    shards: SHARDS,
  });
  for (const name of names) await time.until(sim.control.createNode({ namespace: "sei", name, image: "seid:v1" }));
  await time.run(1_000);
  const open = (): readonly string[] => names.filter((name) => sim.control.isGateOpen("sei", name));
  /** Works on all nodes, and is asking each of their sidecars, which have come up anew; the result lets them answer. */
  const asking = async (): Promise<() => void> => {
    controller.lead([0, 1]);
    await time.run(60_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    hold.until = promise;
    for (const name of names) sim.control.restartSidecar("sei", name);
    await time.run(500);
    return () => {
      hold.until = null;
      resolve();
    };
  };
  return { time, sim, requests, controller, asking, open };
}

test("works on the nodes of the shards it leads, and on no others, whatever enqueues them", async () => {
  const { time, sim, controller, open } = await stage();
  expect(of(0).length * of(1).length).toBeGreaterThan(0);
  controller.lead([0]);
  await time.run(60_000);
  expect(open()).toEqual(of(0));
  for (const name of of(1)) await time.until(sim.control.annotate("sei", name, { touched: "1" }));
  await time.run(60_000);
  expect([open(), names.filter((name) => controller.works(`sei/${name}`))]).toEqual([of(0), of(0)]);
  controller.lead([1]);
  await time.run(60_000);
  expect(open()).toEqual(names);
  await time.until(controller.stop());
});

test("begins to work on a shard without reading a node: with many shards, all would be read for each", async () => {
  const { time, controller } = await stage();
  const { reader } = controller.caches.nodes;
  const reads = [spyOn(reader, "values"), spyOn(reader, "get")];
  controller.lead([0]);
  controller.lead([1]);
  void controller.leave(0);
  expect([controller.queue.depth, ...reads.map(({ mock }) => mock.calls.length)]).toEqual([of(1).length, 0, 0]);
  await time.until(controller.stop());
});

test("leaves a shard only when no reconcile of it is under way, and then for good, while the other goes on", async () => {
  const { time, sim, controller, asking, open } = await stage();
  const answer = await asking();
  let isLeft = false;
  void controller.leave(0).then(() => (isLeft = true));
  await time.run(100);
  expect(isLeft).toBe(false);
  answer();
  await time.run(5_000);
  expect(isLeft).toBe(true);
  for (const name of names) sim.control.restartSidecar("sei", name);
  await time.run(60_000);
  expect(open()).toEqual(of(1));
  controller.lead([0]);
  await time.run(60_000);
  expect(open()).toEqual(names);
  await time.until(controller.stop());
});

test("what a shard that is being left has still to close does not wait behind the gates of others", async () => {
  const { time, requests, controller, asking } = await stage();
  const answer = await asking();
  const [enter, hasten] = [spyOn(requests, "enter"), spyOn(requests, "hasten")];
  void controller.leave(0);
  answer();
  await time.run(10_000);
  expect(hasten.mock.calls).toEqual([[0]]);
  const lanesOf = (about: number | undefined): readonly string[] => [
    ...new Set(enter.mock.calls.filter((call) => call[1] === about).map(([priority]) => priority)),
  ];
  expect([lanesOf(0), lanesOf(1), lanesOf(undefined)]).toEqual([[], ["closing"], ["opening"]]);
  await time.until(controller.stop());
});
