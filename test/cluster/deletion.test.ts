/** A deleted SeiNode on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
} from "./harness/fleet.ts";
import { notesOf, untilTold } from "./harness/told.ts";

const SLOW_MS = 90_000;
const FINALIZER = "sei.io/seinode-finalizer";

describeCluster("a deleted SeiNode", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("deletion");
    controller = await startController({ installation: await install(cluster, home) });
    await bringUp(api, { namespace: home, names: ["a", "again", "held", "stuck"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  /** Names of all that carries the label of a node, by resource. */
  const left = async (name: string): Promise<readonly string[]> => {
    const kinds = ["apps/v1 statefulsets", "v1 pods", "v1 services", "v1 persistentvolumeclaims", "batch/v1 jobs"];
    const found = await Promise.all(
      kinds.map(async (kind) => {
        const [version = "", plural = ""] = kind.split(" ");
        const root = version.includes("/") ? `/apis/${version}` : `/api/${version}`;
        const all = await api.list(
          `${root}/namespaces/${home}/${plural}?labelSelector=${encodeURIComponent(`sei.io/node=${name}`)}`,
        );
        return all.map(({ metadata }) => `${plural} ${metadata.name}`);
      }),
    );
    return found.flat();
  };
  const untilGone = (name: string, withinMs = 30_000) =>
    eventually(`${name} to be gone`, async () => (await api.get(seiNodePath(home, name))) === null, withinMs);

  test(
    "is gone only after all that was its own, and nothing of ours is left",
    async () => {
      expect((await seiNode(api, home, "a")).metadata.finalizers).toEqual([FINALIZER]);
      expect((await left("a")).length).toBeGreaterThan(3);
      await api.remove(seiNodePath(home, "a"));
      await untilGone("a");
      // At the very moment it is gone.
      expect(await left("a")).toEqual([]);
      expect(await notesOf({ api, namespace: home, name: "a" }, "TearingDown")).toEqual([
        "Goes: claim data-a with its data, StatefulSet a, Pod a-0, Service a",
      ]);
    },
    SLOW_MS,
  );

  test(
    "may be made again at once, and comes up on objects of its own",
    async () => {
      const before = await seiNode(api, home, "again");
      await api.remove(seiNodePath(home, "again"));
      await eventually("room for it", async () => {
        const reply = await api.request(
          "POST",
          `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`,
          fullNode(home, "again"),
        );
        return reply.status === 201;
      });
      const after = await untilNode(api, { namespace: home, name: "again", withinMs: 40_000 }, isAtRest);
      expect(after.metadata.uid).not.toBe(before.metadata.uid ?? "");
      expect(after.status?.history?.map(({ outcome }) => outcome)).toEqual(["Complete"]);
      const claim = await api.get(`/api/v1/namespaces/${home}/persistentvolumeclaims/data-again`);
      expect(claim?.metadata.ownerReferences?.[0]?.["uid"]).toBe(after.metadata.uid ?? "");
    },
    SLOW_MS,
  );

  test(
    "waits for a claim that somebody else holds, and says so; others' finalizers stay",
    async () => {
      const claim = `/api/v1/namespaces/${home}/persistentvolumeclaims/data-held`;
      await api.patch(claim, { metadata: { finalizers: ["kubernetes.io/pvc-protection", "test.sei.io/wait"] } });
      await api.patch(seiNodePath(home, "held"), { metadata: { finalizers: [FINALIZER, "test.sei.io/last"] } });
      await api.remove(seiNodePath(home, "held"));
      const waiting = await untilNode(
        api,
        { namespace: home, name: "held" },
        ({ status }) =>
          status?.conditions?.some(
            ({ type, message }) => type === "Reconciling" && message === "claim data-held is not gone yet",
          ) === true,
      );
      expect([waiting.status?.phase ?? "", conditionOf(waiting, "Ready")]).toEqual([
        "Terminating",
        "False/Terminating",
      ]);
      await api.patch(claim, { metadata: { finalizers: null } });
      const last = await untilNode(
        api,
        { namespace: home, name: "held" },
        ({ metadata }) => metadata.finalizers?.includes(FINALIZER) === false,
      );
      expect(last.metadata.finalizers).toEqual(["test.sei.io/last"]);
      await api.patch(seiNodePath(home, "held"), { metadata: { finalizers: null } });
      await untilGone("held");
      expect(await left("held")).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "leaves what is not its own: a claim of nobody's under its name",
    async () => {
      const claim = `/api/v1/namespaces/${home}/persistentvolumeclaims/data-stuck`;
      await api.patch(claim, { metadata: { ownerReferences: null } });
      const { metadata } = (await api.get(claim)) ?? { metadata: { uid: "" } };
      await api.remove(seiNodePath(home, "stuck"));
      await untilGone("stuck");
      expect((await api.get(claim))?.metadata.uid).toBe(metadata.uid ?? "none");
    },
    SLOW_MS,
  );

  test(
    "in the middle of its init, and one whose spec was refused, are let go too",
    async () => {
      await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: ["early"] });
      await api.apply(fullNode(home, "early"));
      await untilNode(
        api,
        { namespace: home, name: "early" },
        ({ status }) => status?.plan?.tasks[2]?.status === "Complete",
      );
      // Before it has one, the StatefulSet controller may be about to make it, and would after all was taken down.
      await eventually("its Pod", async () => (await api.get(`/api/v1/namespaces/${home}/pods/early-0`)) !== null);
      const seed = { nodeKey: { secret: { secretName: "a" } } };
      await api.apply({
        ...fullNode(home, "refused"),
        metadata: { namespace: home, name: "refused", finalizers: [FINALIZER] },
        spec: { chainId: "sei-test", image: "sei:1", seed },
      });
      await untilNode(
        api,
        { namespace: home, name: "refused" },
        (node) => conditionOf(node, "Stalled") === "True/UnsupportedSpec",
      );
      await untilTold({ api, controller, namespace: home, name: "refused" }, "UnsupportedSpec");
      await api.remove(seiNodePath(home, "early"));
      await api.remove(seiNodePath(home, "refused"));
      await untilGone("early");
      await untilGone("refused");
      expect(await left("early")).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "that was killed half-way is taken down by the next process",
    async () => {
      await bringUp(api, { namespace: home, names: ["half"] });
      await api.patch(`/api/v1/namespaces/${home}/persistentvolumeclaims/data-half`, {
        metadata: { finalizers: ["test.sei.io/wait"] },
      });
      await api.remove(seiNodePath(home, "half"));
      await untilNode(api, { namespace: home, name: "half" }, ({ status }) => status?.phase === "Terminating");
      await controller.kill("SIGKILL");
      await api.patch(`/api/v1/namespaces/${home}/persistentvolumeclaims/data-half`, {
        metadata: { finalizers: null },
      });
      controller = await startController({
        installation: await install(cluster, home),
        flags: [`--leader-elect-identity=heir`],
      });
      await untilGone("half", 60_000);
      expect(await left("half")).toEqual([]);
      const nodes = await api.list<SeiNodeObject>(`/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`);
      expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["again"]);
    },
    SLOW_MS,
  );
});
