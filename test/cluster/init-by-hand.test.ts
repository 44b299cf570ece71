/** What somebody edits or deletes while a node is brought up: put back where that is safe, told in words where it is not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { fullNode, isAtRest, seiNode, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 90_000;

describeCluster("in the middle of its init", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const paths = {
    StatefulSet: (name: string) => `/apis/apps/v1/namespaces/${home}/statefulsets/${name}`,
    Service: (name: string) => `/api/v1/namespaces/${home}/services/${name}`,
    claim: (name: string) => `/api/v1/namespaces/${home}/persistentvolumeclaims/data-${name}`,
    Job: (name: string) => `/apis/batch/v1/namespaces/${home}/jobs/${name}-bootstrap`,
  };
  type Kind = keyof typeof paths;
  /** The step that waits for the sidecar, which takes its time. */
  const waits = async (node: KubeObject, task: string): Promise<void> => {
    const { name } = node.metadata;
    await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: [name] });
    await api.apply(node);
    await untilNode(api, { namespace: home, name }, ({ status }) => {
      const current = status?.plan?.tasks.find(({ status: at }) => at !== "Complete");
      return current?.type === task;
    });
  };
  const withJob = (name: string): KubeObject => {
    const node = fullNode(home, name);
    const snapshot = { s3: { targetHeight: 9 }, bootstrapImage: "sei:0" };
    return { ...node, spec: { ...Object(node["spec"]), fullNode: { snapshot } } };
  };
  /** The object before the edit; a claim once it is bound, since that changes it too. */
  const asItStands = (kind: Kind, name: string): Promise<KubeObject> =>
    eventually(`the ${kind} before the edit`, async () => {
      const now = await api.get(paths[kind](name));
      const isBinding = kind === "claim" && Object(now?.["status"]).phase !== "Bound";
      return isBinding ? null : now;
    });
  const untilBack = (kind: Kind, name: string, was: KubeObject | null) =>
    eventually(`the ${kind}`, async () => {
      const now = await api.get(paths[kind](name));
      return now !== null && now.metadata.deletionTimestamp === undefined && asMade(now) === asMade(was);
    });
  /** Its Pod is replaced by one whose sidecar comes up at once. */
  const hurry = async (name: string): Promise<void> => {
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: [name] });
    await api.remove(`/api/v1/namespaces/${home}/pods/${name}-0`);
  };

  beforeAll(async () => {
    home = await namespace("midway");
    controller = await startController({ installation: await install(cluster, home) });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const unlabelled = { metadata: { labels: { "sei.io/node": null } } };
  const unowned = { metadata: { ownerReferences: null } };
  test.each<[string, Kind, string, unknown]>([
    ["StatefulSet is edited", "StatefulSet", "set-edited", { spec: { replicas: 0 } }],
    ["StatefulSet loses label and owner", "StatefulSet", "set-lost", { ...unlabelled, ...unowned }],
    ["StatefulSet is deleted", "StatefulSet", "set-gone", null],
    ["Service is edited", "Service", "svc-edited", { spec: { publishNotReadyAddresses: false } }],
    ["Service loses its owner", "Service", "svc-unowned", unowned],
    ["Service is deleted", "Service", "svc-gone", null],
    ["claim loses its label", "claim", "claim-unlabelled", unlabelled],
    ["claim loses its owner", "claim", "claim-unowned", unowned],
  ])(
    "a node whose %s has it back, and comes up by the same plan",
    async (_title, kind, name, patch) => {
      await waits(fullNode(home, name), "configure-genesis");
      const was = await asItStands(kind, name);
      if (patch === null) await api.remove(paths[kind](name), { propagationPolicy: "Foreground" });
      else await api.patch(paths[kind](name), patch);
      await untilBack(kind, name, was);
      const plan = (await seiNode(api, home, name)).status?.plan?.id.slice(0, 8) ?? "none";
      await hurry(name);
      const node = await untilNode(api, { namespace: home, name, withinMs: 40_000 }, isAtRest);
      expect(node.status?.history?.map(({ id, outcome }) => [id, outcome])).toEqual([[plan, "Complete"]]);
    },
    SLOW_MS,
  );

  test.each<[string, Kind, string, unknown]>([
    ["Service of its Job is edited", "Service", "job-svc-edited", { spec: { selector: { colour: "blue" } } }],
    ["Service of its Job loses label and owner", "Service", "job-svc-lost", { ...unlabelled, ...unowned }],
    ["Service of its Job is deleted", "Service", "job-svc-gone", null],
    ["Job is deleted before its sidecar was given anything", "Job", "job-gone", null],
  ])(
    "a node whose %s has it back",
    async (_title, kind, name, patch) => {
      await waits(withJob(name), "snapshot-restore");
      const was = await api.get(paths[kind](name));
      const hasten = () => sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: [name] });
      if (kind === "Job") {
        // It must not have been given anything, or what it did would be lost. How long it takes to come up is drawn when
        // a life begins, so this one keeps that.
        const lives = () => sidecars.lives({ namespace: home, nodes: [name] });
        await eventually("its sidecar", async () => (await lives()).length > 0);
      }
      await hasten();
      if (patch === null) await api.remove(paths[kind](name), { propagationPolicy: "Foreground" });
      else await api.patch(paths[kind](name), patch);
      if (kind === "Job") {
        await eventually("another Job", async () => {
          const now = await api.get(paths.Job(name));
          return now !== null && now.metadata.uid !== was?.metadata.uid;
        });
        await untilNode(api, { namespace: home, name, withinMs: 40_000 }, isAtRest);
      } else {
        await untilBack(kind, name, was);
      }
      expect((await seiNode(api, home, name)).status?.phase).not.toBe("Failed");
    },
    SLOW_MS,
  );

  test(
    "a node whose claim is gone before anything was brought onto it gets a blank one, and runs on that",
    async () => {
      const name = "claim-gone";
      await waits(fullNode(home, name), "configure-genesis");
      const was = await api.get(paths.claim(name));
      // No Pod may use it: its protection would keep it.
      await api.patch(paths.StatefulSet(name), { spec: { replicas: 0 } });
      await api.remove(paths.claim(name));
      await api.remove(`/api/v1/namespaces/${home}/pods/${name}-0`);
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: [name] });
      const node = await untilNode(api, { namespace: home, name, withinMs: 40_000 }, isAtRest);
      const now = await api.get(paths.claim(name));
      expect(now?.metadata.uid).not.toBe(was?.metadata.uid ?? "");
      expect(node.status?.dataVolume?.uid).toBe(now?.metadata.uid ?? "none");
    },
    SLOW_MS,
  );

  test(
    "a node whose claim is gone after a step was finished on it fails in words, and gets no blank one",
    async () => {
      const name = "claim-used";
      const place = { namespace: home, nodes: [name] };
      const until = (type: string) =>
        untilNode(api, { namespace: home, name }, ({ status }) =>
          (status?.plan?.tasks ?? []).some((task) => task.type === type && task.status === "Running"),
        );
      await sidecars.behave({ startDelayMs: [0, 0], taskMs: 1500 }, place);
      await api.apply(fullNode(home, name));
      await until("configure-genesis");
      await sidecars.behave({ taskMs: 60_000 }, place);
      await until("config-apply");
      await api.remove(paths.claim(name));
      await api.remove(`/api/v1/namespaces/${home}/pods/${name}-0`);
      const node = await untilNode(api, { namespace: home, name }, ({ status }) => status?.phase === "Failed");
      expect(node.status?.history?.at(-1)?.message).toBe(
        `task config-apply: DATA_VOLUME_LOST: claim data-${name}: it is gone, with what was brought onto it`,
      );
      expect(await api.get(paths.claim(name))).toBeNull();
    },
    SLOW_MS,
  );
});

/** What counts of an object: its labels, its owners and its spec. */
function asMade(object: KubeObject | null): string {
  if (object === null) return "nothing";
  const { labels, ownerReferences } = object.metadata;
  return JSON.stringify({ labels, ownerReferences, spec: object["spec"] });
}
