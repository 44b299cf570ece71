/** /readyz beside a real API server. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, isAtRest, untilNode } from "./harness/fleet.ts";
import { podPath } from "./harness/pods.ts";

const SLOW_MS = 90_000;
const PODS = /\/pods\?/;
const CLUSTER_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper";

interface Role extends KubeObject {
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
}

describeCluster("/readyz", (cluster) => {
  const { api, namespace } = cluster;
  let home = "";
  let installation: Installation;
  let door: ApiProxy;
  let controller: ControllerProcess;
  const ask = async (path = "/readyz") => {
    const reply = await fetch(`${controller.healthUrl}${path}`);
    return { status: reply.status, text: await reply.text() };
  };
  const becomes = (status: number) =>
    eventually(
      `/readyz to say ${status}`,
      async () => {
        const said = await ask();
        return said.status === status ? said.text : null;
      },
      40_000,
    );
  /** Every cache but that of Pods is said to be well. */
  const othersAreWell = (text: string) =>
    ["seinodes", "statefulsets", "persistentvolumeclaims"].every((name) => text.includes(`[+]cache-${name} ok`));

  beforeAll(async () => {
    home = await namespace("readyz");
    installation = await install(cluster, home);
    door = await startApiProxy(cluster, installation);
    door.deny(PODS);
    controller = await startController({ installation: door.installation, untilReady: false });
  }, SLOW_MS);
  afterAll(async () => {
    door.heal();
    await controller.kill();
    door.close();
  }, SLOW_MS);

  test(
    "is false while a cache was never filled, and says which and what to grant",
    async () => {
      const text = await eventually("the others to be filled", async () => {
        const said = await ask();
        return said.status === 503 && othersAreWell(said.text) && said.text.includes("403") ? said.text : null;
      });
      expect(text).toContain("[-]cache-pods failed: pods: not synced");
      expect(text).toContain("Grant list on pods");
      expect((await ask("/readyz/cache-pods")).status).toBe(503);
      expect((await ask("/readyz/cache-seinodes")).status).toBe(200);
      expect((await ask("/livez")).status).toBe(200);
      door.heal();
      await becomes(200);
      await bringUp(api, { namespace: home, names: ["a"] });
    },
    SLOW_MS,
  );

  test(
    "is false while a watch is dead, and what was missed meanwhile is healed after it",
    async () => {
      door.stall(PODS);
      door.cut(PODS);
      door.deny(PODS);
      const text = await becomes(503);
      expect(text).toContain("[-]cache-pods failed: pods: the watch is dead");
      expect(othersAreWell(text)).toBe(true);
      await api.remove(podPath(home, "a-0"));
      door.heal();
      await becomes(200);
      await untilNode(
        api,
        { namespace: home, name: "a", withinMs: 40_000 },
        (node) => isAtRest(node) && node.status?.history?.length === 2,
      );
    },
    SLOW_MS,
  );

  test(
    "names the permission that was taken away, and is well again when it is back",
    async () => {
      const role = await api.get<Role>(CLUSTER_ROLE);
      if (role === null) throw new Error("the ClusterRole is not there");
      await api.patch(CLUSTER_ROLE, { rules: role.rules.filter(({ resources }) => !resources.includes("pods")) });
      // A permission is asked for when a watch begins, so the one under way must end.
      const refusal = async (): Promise<string | null> => {
        const said = await ask();
        // Only one that is open: one on its way to its refusal would be cut too.
        if (said.status === 200) door.cut(PODS);
        return said.status === 503 && said.text.includes("Grant watch on pods") ? said.text : null;
      };
      const text = await eventually("the watch to be refused", refusal, 40_000);
      expect(text).toContain("[-]cache-pods failed: pods: the watch is dead");
      expect(othersAreWell(text)).toBe(true);
      await install(cluster, home);
      await becomes(200);
    },
    SLOW_MS,
  );
});
