/** A watch of claims that goes silent: nothing tells of a claim that is replaced, and nobody calls the node Ready meanwhile. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, conditionOf, isAtRest, replacePod, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 240_000;

describeCluster("a mirror whose watch is dead", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let door: ApiProxy;
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("silent");
    door = await startApiProxy(cluster, await install(cluster, home));
    controller = await startController({ installation: door.installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["a"] });
  }, SLOW_MS);
  afterAll(async () => {
    door.heal();
    await controller.kill();
    door.close();
  }, SLOW_MS);

  test(
    "is told in the conditions of a node that is reconciled, until the watch is heard again",
    async () => {
      const place = { namespace: home, name: "a", withinMs: 100_000 };
      door.stall(/persistentvolumeclaims\?.*watch=true/);
      await Bun.sleep(62_000);
      await replacePod(api, home, "a");
      const node = await untilNode(api, place, (one) => conditionOf(one, "Ready") === "Unknown/WatchSilent");
      const reconciling = node.status?.conditions?.find(({ type }) => type === "Reconciling");
      expect([reconciling?.status, reconciling?.message]).toEqual([
        "True",
        "the watch of persistentvolumeclaims is silent: what is known of them may be old",
      ]);
      door.heal();
      await untilNode(api, place, (one) => isAtRest(one) && conditionOf(one, "Ready") === "True/Ready");
    },
    SLOW_MS,
  );
});
