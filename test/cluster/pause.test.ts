/** A paused SeiNode on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  isAtRest,
  seiNode,
  seiNodePath,
  untilEvents,
  untilNode,
} from "./harness/fleet.ts";
import { keepDiary } from "./harness/node-diary.ts";
import { untilOver, untilTold } from "./harness/told.ts";

const SLOW_MS = 90_000;
/** Long enough for two polls. */
const WATCHED_MS = 22_000;

interface StatefulSet extends KubeObject {
  readonly spec: { readonly replicas: number };
}

describeCluster("a paused SeiNode", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("pause");
    controller = await startController({ installation: await install(cluster, home) });
    await bringUp(api, { namespace: home, names: ["a", "b"] });
    for (const name of ["a", "b"]) await untilEvents(api, { namespace: home, name }, (reasons) => reasons.length >= 2);
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const replicas = async (name: string): Promise<number | undefined> =>
    (await api.get<StatefulSet>(`/apis/apps/v1/namespaces/${home}/statefulsets/${name}`))?.spec.replicas;
  const pause = (name: string, paused: boolean) => api.patch(seiNodePath(home, name), { spec: { paused } });
  const pod = (name: string) => api.get(`/api/v1/namespaces/${home}/pods/${name}-0`);
  const untilPaused = (name: string) =>
    untilNode(
      api,
      { namespace: home, name },
      (node) =>
        conditionOf(node, "Paused") === "True/Paused" && conditionOf(node, "Reconciling") !== "True/Progressing",
    );

  test(
    "loses its Pod without a plan, keeps its volume, rests without a write, and comes back healed",
    async () => {
      const diary = await keepDiary(api, home, "a");
      await pause("a", true);
      const paused = await untilPaused("a");
      expect([await replicas("a"), await pod("a")]).toEqual([0, null]);
      expect(["SidecarReady", "Ready", "Stalled"].map((type) => conditionOf(paused, type))).toEqual([
        "Unknown/Paused",
        "False/Paused",
        "none",
      ]);
      expect(await api.get(`/api/v1/namespaces/${home}/persistentvolumeclaims/data-a`)).not.toBeNull();
      await untilTold({ api, controller, namespace: home, name: "a" }, "Paused");
      // The audit log has a write a moment after the object has it.
      await Bun.sleep(300);
      const before = audit.offset();
      await Bun.sleep(WATCHED_MS);
      const writes = audit
        .mutationsSince(before, "tidekeeper/")
        .filter(({ resource, namespace: where }) => resource !== "leases" && where === home);
      expect(writes.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([]);
      await diary.close();
      expect(diary.plans()).toEqual([]);

      await pause("a", false);
      const back = await untilNode(
        api,
        { namespace: home, name: "a" },
        (node) => isAtRest(node) && conditionOf(node, "Ready") === "True/Ready",
      );
      expect([await replicas("a"), conditionOf(back, "Paused")]).toEqual([1, "False/NotPaused"]);
      await untilOver({ api, controller, namespace: home, name: "a" }, "Paused");
      await untilEvents(api, { namespace: home, name: "a" }, (reasons) => reasons.includes("Resumed"));
    },
    SLOW_MS,
  );

  test(
    "that somebody scales up by hand is scaled down again, and its gate is never opened",
    async () => {
      await pause("b", true);
      await untilPaused("b");
      const submitted = async () =>
        (await sidecars.lives({ namespace: home, nodes: ["b"] })).flatMap(({ submissions }) => submissions).length;
      const before = await submitted();
      await api.patch(`/apis/apps/v1/namespaces/${home}/statefulsets/b`, { spec: { replicas: 1 } });
      await eventually("the set to be scaled down", async () => (await replicas("b")) === 0);
      await eventually("its Pod to be gone", async () => (await pod("b")) === null);
      await untilPaused("b");
      expect(await submitted()).toBe(before);
    },
    SLOW_MS,
  );

  test(
    "whose image is edited meanwhile comes back on the new one",
    async () => {
      await api.patch(seiNodePath(home, "b"), { spec: { image: "sei:2" } });
      await Bun.sleep(1000);
      expect((await seiNode(api, home, "b")).status?.currentImage).toBe("sei:1");
      await pause("b", false);
      await untilNode(
        api,
        { namespace: home, name: "b" },
        (node) => isAtRest(node) && node.status?.currentImage === "sei:2",
      );
    },
    SLOW_MS,
  );

  test(
    "in the middle of its init goes on from there, with the same plan",
    async () => {
      await sidecars.behave({ startDelayMs: [5000, 5000] }, { namespace: home, nodes: ["early"] });
      await api.apply(fullNode(home, "early"));
      const begun = await untilNode(
        api,
        { namespace: home, name: "early" },
        ({ status }) => status?.plan?.tasks[2]?.status === "Complete",
      );
      await pause("early", true);
      const paused = await untilPaused("early");
      expect([await replicas("early"), paused.status?.plan?.id ?? "", paused.status?.phase ?? ""]).toEqual([
        0,
        begun.status?.plan?.id ?? "none",
        "Initializing",
      ]);
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: ["early"] });
      await pause("early", false);
      const up = await untilNode(api, { namespace: home, name: "early", withinMs: 40_000 }, isAtRest);
      expect(up.status?.history?.map(({ id, outcome }) => [id, outcome])).toEqual([
        [begun.status?.plan?.id.slice(0, 8) ?? "none", "Complete"],
      ]);
    },
    SLOW_MS,
  );

  test(
    "from the start waits for the end of the pause, with nothing made for it",
    async () => {
      const node = fullNode(home, "later");
      await api.apply({ ...node, spec: { chainId: "sei-test", image: "sei:1", fullNode: {}, paused: true } });
      await untilNode(api, { namespace: home, name: "later" }, (seen) => conditionOf(seen, "Paused") === "True/Paused");
      await Bun.sleep(1000);
      expect([await replicas("later"), (await seiNode(api, home, "later")).status?.plan ?? null]).toEqual([
        undefined,
        null,
      ]);
      await pause("later", false);
      await untilNode(api, { namespace: home, name: "later", withinMs: 40_000 }, isAtRest);
    },
    SLOW_MS,
  );
});
