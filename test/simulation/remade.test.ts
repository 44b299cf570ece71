/** A live read whose 404 arrives after the watch has told of another node of that name must not hide that one. */
import { expect, test } from "bun:test";
import { createSimCluster } from "../../src/sim/index.ts";
import { dice } from "./dice.ts";
import { noFaults, type Reply, type Sent, startLife } from "./life.ts";
import { Operator, PATHS } from "./operator.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { isUnmended } from "./unmended.ts";

test("a node that is made again while a read of it is under way is seen", () => {
  const time = new SimulatedTime();
  const chance = dice(3);
  const sim = createSimCluster({
    clock: time.clock,
    timers: time.timers,
    random: chance.fork(),
  });
  const operator = new Operator(sim);
  const node = { namespace: "sei", name: "n0", image: "sei:1" };
  const told = { step: "up" };
  const owned = async (sent: Sent, send: () => Promise<Reply>): Promise<Reply> => {
    if (told.step === "to conflict" && sent.method === "PATCH" && sent.path.endsWith("/n0/status")) {
      told.step = "to read";
      await operator.annotate("n0", { touched: "yes" });
      return send();
    }
    if (told.step !== "to read" || sent.method !== "GET" || sent.path !== PATHS.node("n0")) return send();
    told.step = "made again";
    await operator.remove(PATHS.node("n0"));
    await operator.merge(PATHS.node("n0"), { metadata: { finalizers: null } });
    const reply = await send();
    await sim.control.createNode(node);
    await new Promise<void>((resolve) => void time.timers.after(50, resolve));
    return reply;
  };
  const life = startLife({
    time,
    sim,
    dice: chance.fork(),
    identity: null,
    shards: 1,
    route: "direct",
    faults: () => noFaults,
    sent: () => undefined,
    owned,
    log: () => undefined,
    ended: () => undefined,
  });
  sim.control.createNode(node).catch(() => undefined);
  time.run(5_000);
  told.step = "to conflict";
  operator.killPod("n0").catch(() => undefined);
  time.run(120_000);
  life.kill();
  const status = sim.control.object("seinodes", "sei", "n0")?.["status"];
  expect([told.step, status === undefined]).toEqual(["made again", isUnmended("remade", "unseen")]);
});
