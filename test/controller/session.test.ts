/** A session that shares shards, on the simulated cluster. */
import { expect, test } from "bun:test";
import { registry } from "../../src/controller/registry.ts";
import { startSession } from "../../src/controller/session.ts";
import { readPlatform } from "../../src/seinode/platform/index.ts";
import { createSimCluster } from "../../src/sim/index.ts";
import { createInstruments, createLogger } from "../../src/telemetry/index.ts";
import { virtualTime } from "../sim/virtual-time.ts";

test("shards are worked on as they come, and nothing is listed anew for them", async () => {
  const time = virtualTime();
  const sim = createSimCluster({
    ...time,
  });
  const list = registry([], null);
  const platform = readPlatform({});
  if (!list.ok || !platform.ok) throw new Error("refused");
  const log: string[] = [];
  for (const name of ["a", "b", "c"]) {
    await time.until(sim.control.createNode({ namespace: "sei", name, image: "seid:v1" }));
  }
  const instruments = createInstruments();
  const session = startSession({
    ...time,
    api: {
      request(request, limits) {
        const lease = /\/leases\/shard-(\d)/.exec(request.path)?.[1];
        if (request.method === "PATCH" && lease !== undefined && request.body?.includes("holderIdentity") === true) {
          log.push(`hold ${lease}`);
        }
        if (request.method === "PATCH" && request.path.includes("/seinodes/")) log.push("write");
        return sim.api.request(request, limits);
      },
      stream(request, limits) {
        const resource = /\/(\w+)\?/.exec(request.path)?.[1] ?? "";
        if (request.path.includes("sendInitialEvents") && resource !== "leases") log.push(`list ${resource}`);
        return sim.api.stream(request, limits);
      },
    },
    direct: sim.sidecars,
    route: "direct",
    platform: platform.platform,
    detectors: list.detectors,
    mode: "act",
    namespace: null,
    selector: null,
    probeIntervalMs: 10_000,
    concurrency: 8,
    maxUnavailable: { value: 1, isPercent: true },
    lease: { namespace: "tide", identity: "one", shards: 4 },
    instance: "one",
    instruments,
    log: createLogger({ level: "error", format: "json", sink: () => undefined, clock: time.clock }),
    onOver: () => undefined,
  });
  await time.run(2_000);
  const begun = log.slice(0, log.indexOf("write"));
  const lists = ["jobs", "persistentvolumeclaims", "pods", "seinodes", "services", "statefulsets"];
  const holds = ["hold 0", "hold 1", "hold 2", "hold 3"];
  expect(begun.slice(0, 6).toSorted()).toEqual(lists.map((resource) => `list ${resource}`));
  expect(log.filter((one) => one.startsWith("hold")).toSorted()).toEqual(holds);
  expect(log.filter((one) => one.startsWith("list")).length).toBe(6);
  expect(session.ready.find(({ name }) => name === "shards")?.check()).toEqual({
    ok: true,
    note: "4 of 4 held: 0, 1, 2, 3; 1 replicas share them",
  });
  const owned = [...instruments.values("shardOwned")].map(({ labelValues, value }) => `${labelValues.join()}=${value}`);
  expect(owned).toEqual(["0=1", "1=1", "2=1", "3=1"]);
  await time.until(session.stop());
  expect([...instruments.values("leading")].filter(({ value }) => value === 1)).toEqual([]);
});
