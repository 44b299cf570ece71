/** Watches that lag behind our own writes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, isAtRest, seiNode, seiNodePath, untilNode } from "./harness/fleet.ts";
import { type SlowWatches, slowWatches } from "./harness/slow-watches.ts";

const SLOW_MS = 120_000;
const LATE_MS = 4_000;

describeCluster("watches that come 4 s late", (cluster) => {
  const { api, audit, dir, namespace, server, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  let between: SlowWatches;

  beforeAll(async () => {
    home = await namespace("late");
    between = await slowWatches(dir, server, await install(cluster, home));
    // Where the new Pod gets the old one's address, a poll would find it shut before the watch tells of it.
    controller = await startController({ installation: between.installation, flags: ["--probe-interval=1h"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["a"] });
    between.setDelayMs(LATE_MS);
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
    between.stop();
  }, SLOW_MS);

  const writes = (offset: number) => {
    const sent = audit.mutationsSince(offset, "tidekeeper/").filter(({ namespace: at }) => at === home);
    const patches = sent.filter(({ resource }) => resource === "seinodes/status");
    return { patches, conflicts: patches.filter(({ code }) => code === 409) };
  };

  test(
    "a replaced Pod gets one plan and one POST: no reconcile sees a status older than its own writes",
    async () => {
      const offset = audit.offset();
      await api.remove(`/api/v1/namespaces/${home}/pods/a-0`);
      await untilNode(
        api,
        { namespace: home, name: "a", withinMs: 60_000 },
        (seen) => isAtRest(seen) && (seen.status?.history?.length ?? 0) > 1,
      );
      // As long again as the watch is late: what it brings now is all old news.
      await Bun.sleep(LATE_MS + 1_000);
      const node = await seiNode(api, home, "a");
      const made = node.status?.history?.filter(({ detector }) => detector === "sidecar-ready") ?? [];
      expect(made.map(({ outcome }) => outcome)).toEqual(["Complete"]);
      const life = (await sidecars.lives({ namespace: home, nodes: ["a"] })).at(-1);
      expect(life?.submissions.map(({ type, status }) => [type, status])).toEqual([["mark-ready", 201]]);
      const { patches, conflicts } = writes(offset);
      expect(patches.length).toBeGreaterThan(0);
      expect(conflicts.map(({ requestObject }) => requestObject)).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "a changed image gets one plan",
    async () => {
      const offset = audit.offset();
      await api.patch(seiNodePath(home, "a"), { spec: { image: "sei:2" } });
      await untilNode(
        api,
        { namespace: home, name: "a", withinMs: 90_000 },
        (seen) => isAtRest(seen) && seen.status?.currentImage === "sei:2",
      );
      await Bun.sleep(LATE_MS + 1_000);
      const node = await seiNode(api, home, "a");
      const made = node.status?.history?.filter(({ detector }) => detector === "image") ?? [];
      expect(made.map(({ outcome }) => outcome)).toEqual(["Complete"]);
      expect(writes(offset).conflicts.map(({ requestObject }) => requestObject)).toEqual([]);
    },
    SLOW_MS,
  );
});
