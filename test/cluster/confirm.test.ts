/** What is done rests on what is true at that moment: watches that have gone silent, and changes at every await. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, seiNode, seiNodePath, untilNode, untilProbed } from "./harness/fleet.ts";
import { type HoldProxy, holdProxy } from "./harness/hold-proxy.ts";
import { type Pod, podPath } from "./harness/pods.ts";

const SLOW_MS = 120_000;
const SOME_PROBES = 6;
/** An address that the cluster gives to nobody. */
const ELSEWHERE = "10.0.250.250";

describeCluster("one kind's watch silent", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let door: ApiProxy;
  let controller: ControllerProcess;
  const edit = (name: string, spec: object) => api.patch(seiNodePath(home, name), { spec });
  const claimPath = (name: string) => `/api/v1/namespaces/${home}/persistentvolumeclaims/data-${name}`;
  const setPath = (name: string) => `/apis/apps/v1/namespaces/${home}/statefulsets/${name}`;
  const lifeOf = async (name: string) => (await sidecars.lives({ namespace: home, nodes: [name] })).at(-1);

  beforeAll(async () => {
    home = await namespace("silent");
    door = await startApiProxy(cluster, await install(cluster, home));
    controller = await startController({ installation: door.installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["claims", "sets", "other"] });
  }, SLOW_MS);
  afterAll(async () => {
    door.heal();
    await controller.kill();
    door.close();
  }, SLOW_MS);

  test(
    "of claims: no gate is opened on a blank volume that took the place of the node's",
    async () => {
      const old = await api.get(claimPath("claims"));
      if (old === null) throw new Error("the claim is not there");
      door.stall(/\/persistentvolumeclaims\?/);
      await edit("claims", { paused: true });
      await eventually("the Pod to be gone", async () => (await api.get(podPath(home, "claims-0"))) === null);
      await api.remove(claimPath("claims"));
      await eventually("the claim to be gone", async () => (await api.get(claimPath("claims"))) === null);
      const { apiVersion, kind, metadata } = old;
      const { name, labels = {}, ownerReferences = [] } = metadata;
      const spec = { ...Object(old["spec"]), volumeName: undefined };
      await api.apply({ apiVersion, kind, metadata: { namespace: home, name, labels, ownerReferences }, spec });
      await edit("claims", { paused: false });
      await eventually("the Pod on the blank volume", async () => (await lifeOf("claims"))?.ready === false);
      await untilProbed(sidecars, { namespace: home, nodes: ["claims"], more: SOME_PROBES });
      const life = await lifeOf("claims");
      expect([life?.ready, life?.submissions]).toEqual([false, []]);
      door.heal();
    },
    SLOW_MS,
  );

  test(
    "of StatefulSets: a roll-out that somebody restarts deletes one Pod a minute at most",
    async () => {
      const from = cluster.audit.offset();
      await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: ["sets"] });
      await edit("sets", { image: "sei:2" });
      await untilNode(api, { namespace: home, name: "sets" }, ({ status }) => status?.podDeletion !== undefined);
      door.stall(/\/statefulsets\?/);
      const restart = { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" };
      await api.patch(setPath("sets"), { spec: { template: { metadata: { annotations: restart } } } });
      await Bun.sleep(15_000);
      const deletions = cluster.audit
        .mutationsSince(from)
        .filter(({ verb, resource, name }) => verb === "delete" && resource === "pods" && name === "sets-0")
        .filter(({ userAgent }) => userAgent.startsWith("tidekeeper"));
      expect(deletions.length).toBe(1);
      door.heal();
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: ["sets"] });
    },
    SLOW_MS,
  );

  test(
    "of Pods: no step of init goes to whoever has the old Pod's address by now",
    async () => {
      await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: ["fresh"] });
      const spec = { chainId: "sei-test", image: "sei:1", fullNode: {} };
      const metadata = { namespace: home, name: "fresh" };
      await api.apply({ apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata, spec });
      const podOf = () => api.get<Pod>(podPath(home, "fresh-0"));
      const old = await eventually("the Pod's address", async () => (await podOf())?.status.podIP ?? null);
      const uid = (await podOf())?.metadata.uid;
      await eventually("the controller to know it", async () => (await lifeOf("fresh")) !== undefined);
      await Bun.sleep(500);
      door.stall(/\/pods\?/);
      await api.remove(podPath(home, "fresh-0"));
      await eventually("the next Pod", async () => ((await podOf())?.metadata.uid ?? uid) !== uid);
      await api.patch(`${podPath(home, "fresh-0")}/status`, {
        status: { podIP: ELSEWHERE, podIPs: [{ ip: ELSEWHERE }] },
      });
      await stranger(old);
      const answering = async () => (await sidecars.lives({ namespace: home, nodes: ["stranger"] })).at(-1);
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: ["stranger"] });
      await eventually("the stranger's sidecar", async () => {
        return (await fetch(`http://${old}:7777/v0/healthz`).catch(() => null)) !== null;
      });
      await Bun.sleep(5000);
      expect((await answering())?.submissions).toEqual([]);
      await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home, nodes: ["fresh"] });
      await api.remove(podPath(home, "stranger"));
      door.heal();
    },
    SLOW_MS,
  );

  /** A Pod of somebody else with a sidecar of its own, at an address that was another's. */
  async function stranger(podIP: string): Promise<void> {
    const sidecar = { name: "sei-sidecar", image: "sidecar:1", restartPolicy: "Always" };
    const ports = [{ name: "sidecar", containerPort: 7777 }];
    const initContainers = [{ ...sidecar, ports }];
    const containers = [{ name: "seid", image: "sei:1" }];
    const metadata = { namespace: home, name: "stranger" };
    // Never scheduled, so that its address is this test's to give.
    const spec = { schedulerName: "nobody", initContainers, containers };
    await api.apply({ apiVersion: "v1", kind: "Pod", metadata, spec });
    const state = { running: { startedAt: new Date().toISOString() } };
    const one = { name: "sei-sidecar", image: "sidecar:1", imageID: "", ready: false, restartCount: 0, state };
    const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], initContainerStatuses: [one] };
    await api.patch(`${podPath(home, "stranger")}/status`, { status });
  }
});

describeCluster("a change while the ground of an effect is read", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let door: HoldProxy;
  let controller: ControllerProcess;
  const lifeOf = async (name: string) => (await sidecars.lives({ namespace: home, nodes: [name] })).at(-1);
  const patchStatus = (name: string, status: object) => api.patch(`${seiNodePath(home, name)}/status`, { status });
  const pod = (name: string) => podPath(home, `${name}-0`);
  const claim = (name: string) => `/api/v1/namespaces/${home}/persistentvolumeclaims/data-${name}`;
  const inProgress = async (name: string) => {
    const { status } = await seiNode(api, home, name);
    const lastTransitionTime = new Date().toISOString();
    const said = { type: "WorkflowInProgress", status: "True", reason: "Test", message: "", lastTransitionTime };
    await patchStatus(name, { conditions: [...(status?.conditions ?? []), said] });
  };
  const shutOnPurpose = async (name: string) => {
    const ip = (await api.get<Pod>(pod(name)))?.status.podIP ?? "";
    const body = JSON.stringify({ id: crypto.randomUUID(), type: "mark-not-ready" });
    expect((await fetch(`http://${ip}:7777/v0/tasks`, { method: "POST", body })).status).toBe(201);
  };

  const changes: readonly (readonly [string, string, (name: string) => Promise<unknown>])[] = [
    ["adopted", "a workflow adopts the node", (name) => patchStatus(name, { adoptedWorkflow: { name: "wipe" } })],
    ["working", "a workflow begins", inProgress],
    ["paused", "the node is paused", (name) => api.patch(seiNodePath(home, name), { spec: { paused: true } })],
    ["deleted", "the node is deleted", (name) => api.remove(seiNodePath(home, name))],
    ["planless", "somebody takes the plan out", (name) => patchStatus(name, { plan: null })],
    ["purpose", "somebody shuts the gate on purpose", shutOnPurpose],
    ["replaced", "the Pod is replaced", (name) => api.remove(pod(name))],
    [
      "blank",
      "the claim is replaced",
      async (name) => {
        const old = await api.get(claim(name));
        await api.remove(claim(name));
        await api.patch(claim(name), { metadata: { finalizers: null } });
        const { apiVersion = "", kind = "", metadata } = old ?? { metadata: { name: "" } };
        const { labels = {}, ownerReferences = [] } = metadata;
        const spec = { ...Object(old?.["spec"]), volumeName: undefined };
        await api.apply({
          apiVersion,
          kind,
          metadata: { namespace: home, name: `data-${name}`, labels, ownerReferences },
          spec,
        });
      },
    ],
  ];

  beforeAll(async () => {
    home = await namespace("between");
    door = await holdProxy(cluster, await install(cluster, home));
    controller = await startController({ installation: door.installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: [...changes.map(([name]) => name), "rolled", "held"] });
  }, SLOW_MS);
  afterAll(async () => {
    door.release();
    await controller.kill();
    door.close();
  }, SLOW_MS);

  test.each(changes)(
    "%s: no gate is opened when %s",
    async (name, _title, change) => {
      const path = name === "blank" ? claim(name) : pod(name);
      const stands = door.hold("before", (request) => request.method === "GET" && request.path === path);
      await sidecars.shut({ namespace: home, nodes: [name] });
      await stands;
      const before = await lifeOf(name);
      const { status } = await seiNode(api, home, name);
      const planned = status?.plan?.tasks.map(({ id }) => id) ?? [];
      expect(planned.length).toBe(1);
      await change(name);
      // The watch tells within milliseconds; the read is held up for longer.
      await Bun.sleep(400);
      door.go();
      await Bun.sleep(1500);
      const lives = await sidecars.lives({ namespace: home, nodes: [name] });
      const after = lives.find(({ podUid }) => podUid === before?.podUid);
      // A plan that somebody took out is made anew, under ids of its own.
      expect(after?.submissions.filter(({ id }) => planned.includes(id))).toEqual([]);
      const opened = after?.submissions.slice(before?.submissions.length).filter(({ type }) => type === "mark-ready");
      if (name !== "planless") expect(opened).toEqual([]);
    },
    SLOW_MS,
  );

  test.each([
    ["rolled", "the node is paused", (name: string) => api.patch(seiNodePath(home, name), { spec: { paused: true } })],
    ["held", "a workflow adopts it", (name: string) => patchStatus(name, { adoptedWorkflow: { name: "wipe" } })],
  ] as const)(
    "%s: no Pod is deleted for a roll-out when %s",
    async (name, _title, change) => {
      const from = cluster.audit.offset();
      let isNoted = false;
      // The Pod is read several times; the read before its deletion comes after that was written down.
      const stands = door.hold("before", ({ method, path, body }) => {
        if (path === `${seiNodePath(home, name)}/status` && body.includes('"podDeletion"')) isNoted = true;
        return isNoted && method === "GET" && path === pod(name);
      });
      await api.patch(seiNodePath(home, name), { spec: { image: "sei:2" } });
      await stands;
      await change(name);
      await Bun.sleep(400);
      door.go();
      await Bun.sleep(1500);
      const deletions = cluster.audit
        .mutationsSince(from)
        .filter(({ verb, resource, name: of }) => verb === "delete" && resource === "pods" && of === `${name}-0`)
        .filter(({ userAgent }) => userAgent.startsWith("tidekeeper"));
      expect(deletions).toEqual([]);
    },
    SLOW_MS,
  );
});
