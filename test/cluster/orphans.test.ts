/** `kubectl delete seinode --cascade=orphan`, and the node made again beside what it left. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  isAtRest,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { podPath } from "./harness/pods.ts";

const SLOW_MS = 120_000;
/** It was a race: one of three kept its objects. */
const OPEN = ["open-0", "open-1", "open-2", "open-3", "open-4"];

describeCluster("a SeiNode that is deleted and leaves its objects behind", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("orphans");
    controller = await startController({
      installation: await install(cluster, home),
      flags: ["--probe-interval=1s"],
    });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: [...OPEN, "shut", "setless"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const paths = (name: string) => ({
    set: `/apis/apps/v1/namespaces/${home}/statefulsets/${name}`,
    service: `/api/v1/namespaces/${home}/services/${name}`,
    claim: `/api/v1/namespaces/${home}/persistentvolumeclaims/data-${name}`,
    pod: podPath(home, `${name}-0`),
  });
  const objectsOf = async (name: string) => {
    const found = await Promise.all(Object.values(paths(name)).map((path) => api.get(path)));
    return found.map((object) => ({
      kind: object?.kind,
      uid: object?.metadata.uid,
      deleting: object?.metadata.deletionTimestamp,
      owners: object?.metadata.ownerReferences?.map((owner) => String(owner["kind"])) ?? [],
    }));
  };
  const uidsOf = async (name: string) => (await objectsOf(name)).map(({ uid }) => uid);
  const submissions = async (name: string): Promise<readonly string[]> =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).flatMap((life) => life.submissions.map(({ id }) => id));
  const orphan = async (name: string): Promise<void> => {
    await api.remove(seiNodePath(home, name), { propagationPolicy: "Orphan" });
    await eventually(`${name} to be gone`, async () => (await api.get(seiNodePath(home, name))) === null, 30_000);
  };
  const untilAsked = (name: string): Promise<SeiNodeObject> =>
    untilNode(
      api,
      { namespace: home, name, withinMs: 30_000 },
      (node) => conditionOf(node, "Stalled") === "True/ConsentNeeded",
    );
  const adopt = async (name: string): Promise<SeiNodeObject> => {
    const claim = await api.get(paths(name).claim);
    await api.patch(seiNodePath(home, name), {
      metadata: { annotations: { "tidekeeper.sei.io/adopt": claim?.metadata.uid ?? "" } },
    });
    return untilNode(
      api,
      { namespace: home, name, withinMs: 40_000 },
      (node) => isAtRest(node) && node.status?.applied?.service !== undefined,
    );
  };

  test.each(OPEN)(
    "%s: all of it stays as it is, is asked about, and is taken over with the Pod that runs",
    async (name) => {
      const before = await uidsOf(name);
      const sent = await submissions(name);
      await orphan(name);
      expect(await uidsOf(name)).toEqual(before);
      const left = await objectsOf(name);
      expect(left.map(({ owners }) => owners)).toEqual([[], [], [], ["StatefulSet"]]);
      expect(left.filter(({ deleting }) => deleting !== undefined)).toEqual([]);

      const since = audit.offset();
      await api.apply(fullNode(home, name));
      const asked = await untilAsked(name);
      const message = asked.status?.conditions?.find(({ type }) => type === "Stalled")?.message ?? "";
      expect(message).toContain(`annotate tidekeeper.sei.io/adopt=${before[2] ?? "none"}`);
      const written = audit
        .mutationsSince(since, "tidekeeper/")
        .filter((entry) => entry.namespace === home && entry.name.includes(name));
      const resources = new Set(written.map(({ resource }) => resource));
      resources.delete("events");
      expect(resources).toEqual(new Set(["seinodes", "seinodes/status"]));

      const node = await adopt(name);
      expect(await uidsOf(name)).toEqual(before);
      expect((await objectsOf(name)).map(({ owners }) => owners)).toEqual([
        ["SeiNode"],
        ["SeiNode"],
        ["SeiNode"],
        ["StatefulSet"],
      ]);
      expect(node.status?.dataVolume).toEqual({ claimName: `data-${name}`, uid: before[2] ?? "" });
      expect(node.status?.history?.map(({ detector }) => detector)).not.toContain("init");
      await untilProbed(sidecars, { namespace: home, nodes: [name] });
      // The gate stood open all the while, and nobody posted anything.
      expect(await submissions(name)).toEqual(sent);
      expect((await sidecars.lives({ namespace: home, nodes: [name] })).map(({ ready }) => ready)).toEqual([true]);
    },
    SLOW_MS,
  );

  test(
    "shut: its gate stays shut until a person says whose data it is",
    async () => {
      const before = await uidsOf("shut");
      const sent = await submissions("shut");
      await controller.kill();
      await sidecars.shut({ namespace: home, nodes: ["shut"] });
      await api.remove(seiNodePath(home, "shut"), { propagationPolicy: "Orphan" });
      controller = await startController({
        installation: await install(cluster, home),
        flags: ["--probe-interval=1s", "--leader-elect-identity=second"],
      });
      await eventually("it to be gone", async () => (await api.get(seiNodePath(home, "shut"))) === null, 40_000);
      await api.apply(fullNode(home, "shut"));
      await untilAsked("shut");
      await Bun.sleep(3000);
      expect([await submissions("shut"), await uidsOf("shut")]).toEqual([sent, before]);
      await adopt("shut");
      expect(await uidsOf("shut")).toEqual(before);
      expect((await submissions("shut")).length).toBe(sent.length + 1);
    },
    SLOW_MS,
  );

  test(
    "setless: where the set is gone too, it is made again around the Pod and the claim that are there",
    async () => {
      const before = await uidsOf("setless");
      await orphan("setless");
      await api.remove(paths("setless").set, { propagationPolicy: "Orphan" });
      await eventually("the set to be gone", async () => (await api.get(paths("setless").set)) === null);
      await api.apply(fullNode(home, "setless"));
      await untilAsked("setless");
      await adopt("setless");
      const [set, , claim, pod] = await uidsOf("setless");
      expect([claim, pod]).toEqual([before[2], before[3]]);
      expect(set).not.toBe(before[0]);
    },
    SLOW_MS,
  );
});
