import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, isAtRest, seiNode, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 90_000;
/** Long enough for several polls of a node that loops. */
const WATCHED_MS = 15_000;

describeCluster("objects that somebody edits or deletes", (cluster) => {
  const { api, audit, namespace } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const statefulSet = () => `/apis/apps/v1/namespaces/${home}/statefulsets/a`;
  const service = () => `/api/v1/namespaces/${home}/services/a`;

  beforeAll(async () => {
    home = await namespace("workload");
    controller = await startController({ installation: await install(cluster, home) });
    await bringUp(api, { namespace: home, names: ["a"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const healedBy = (count: number) =>
    untilNode(api, { namespace: home, name: "a" }, (node) => {
      const ours = node.status?.history?.filter(({ detector }) => detector === "workload") ?? [];
      return ours.length === count && isAtRest(node);
    });

  test(
    "come back as they were applied, and then nothing is written",
    async () => {
      await api.patch(statefulSet(), { spec: { template: { spec: { serviceAccountName: "other" } } } });
      // Not ours: nobody set it by our field manager, so it stays.
      await api.patch(service(), { metadata: { labels: { team: "night" } } });
      await api.patch(service(), { spec: { publishNotReadyAddresses: false } });
      await healedBy(1);
      const back = await api.get<{ spec: { publishNotReadyAddresses: boolean }; metadata: { labels: object } }>(
        service(),
      );
      expect(back?.spec.publishNotReadyAddresses).toBe(true);
      expect(back?.metadata.labels).toMatchObject({ team: "night" });

      await api.remove(service());
      await healedBy(2);
      expect(await api.get(service())).not.toBeNull();

      await api.remove(statefulSet(), { propagationPolicy: "Foreground" });
      await healedBy(3);
      await eventually("the StatefulSet", () => api.get(statefulSet()));

      // The Pod is replaced with its StatefulSet: that heals in its own right.
      await Bun.sleep(5000);
      await untilNode(api, { namespace: home, name: "a" }, isAtRest);
      const before = audit.offset();
      await Bun.sleep(WATCHED_MS);
      const writes = audit
        .mutationsSince(before, "tidekeeper/")
        .filter(({ resource, namespace: where }) => resource !== "leases" && where === home);
      expect(writes.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual([]);
      expect((await seiNode(api, home, "a")).status?.history?.every(({ healed }) => healed)).toBe(true);
    },
    SLOW_MS,
  );
});
