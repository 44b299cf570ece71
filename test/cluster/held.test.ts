/** A gate that must stay shut, on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, conditionOf, isAtRest, seiNode, seiNodePath, untilNode, untilProbed } from "./harness/fleet.ts";
import { type Pod, podPath } from "./harness/pods.ts";
import { untilOver, untilTold } from "./harness/told.ts";

const SLOW_MS = 90_000;
const PODS = /\/pods\?/;
const HOLD_ID = "6f9f1b50-3a1e-4c6e-9d53-0f4a5c6d7e81";
const FINALIZER = "test.tidekeeper.sei.io/wait";

describeCluster("a gate that must stay shut", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let door: ApiProxy;
  let controller: ControllerProcess;
  const names = ["adopted", "working", "purpose", "going", "reused", "volume", "late"];
  const pod = (name: string) => podPath(home, `${name}-0`);
  const setStatus = (name: string, status: unknown) => api.patch(`${seiNodePath(home, name)}/status`, { status });
  const setCondition = async (name: string, status: "True" | "False") => {
    const { metadata, status: now } = await seiNode(api, home, name);
    const others = (now?.conditions ?? []).filter(({ type }) => type !== "WorkflowInProgress");
    const lastTransitionTime = new Date().toISOString();
    const said = { type: "WorkflowInProgress", status, reason: "Test", message: "", lastTransitionTime };
    const body = { metadata: { resourceVersion: metadata.resourceVersion }, status: { conditions: [...others, said] } };
    await api.patch(`${seiNodePath(home, name)}/status`, body);
  };
  const livesOf = (name: string) => sidecars.lives({ namespace: home, nodes: [name] });
  const postsOf = async (name: string) => (await livesOf(name)).map(({ submissions }) => submissions.length);
  const ipOf = async (name: string) => (await api.get<Pod>(pod(name)))?.status.podIP ?? "";
  const tasksOf = async (name: string) => `http://${await ipOf(name)}:7777/v0/tasks`;
  const shut = (name: string) => sidecars.shut({ namespace: home, nodes: [name] });
  const scale = (name: string, replicas: number) =>
    api.patch(`/apis/apps/v1/namespaces/${home}/statefulsets/${name}`, { spec: { replicas } });
  /** A Pod of somebody else with a sidecar of its own, at an address that was another's. */
  const strangerAt = async (podIP: string) => {
    const sidecar = { name: "sei-sidecar", image: "sidecar:1", restartPolicy: "Always" };
    const ports = [{ name: "sidecar", containerPort: 7777 }];
    await api.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace: home, name: "stranger" },
      spec: {
        // Never scheduled, so that its address is this test's to give.
        schedulerName: "nobody",
        initContainers: [{ ...sidecar, ports }],
        containers: [{ name: "seid", image: "sei:1" }],
      },
    });
    const running = { running: { startedAt: new Date().toISOString() } };
    const initContainerStatuses = [
      { name: "sei-sidecar", image: "sidecar:1", imageID: "", ready: false, restartCount: 0, state: running },
    ];
    const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], initContainerStatuses };
    await api.patch(`${podPath(home, "stranger")}/status`, { status });
  };
  const told = (name: string) => ({ api, controller, namespace: home, name });
  const healsBy = (name: string, plans: number) =>
    untilNode(
      api,
      { namespace: home, name, withinMs: 60_000 },
      (node) =>
        isAtRest(node) && node.status?.history?.filter(({ outcome }) => outcome === "Complete").length === plans,
    );

  beforeAll(async () => {
    home = await namespace("held");
    door = await startApiProxy(cluster, await install(cluster, home));
    // These tests scale StatefulSets by hand, which the workload detector would undo.
    const flags = ["--probe-interval=1s", "--detectors=image,sidecar-ready,workload=off"];
    controller = await startController({ installation: door.installation, flags });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names });
  }, SLOW_MS);
  afterAll(async () => {
    door.heal();
    await controller.kill();
    door.close();
  }, SLOW_MS);

  test.each([
    {
      name: "adopted",
      why: "a workflow has adopted the node",
      reason: "AdoptedWorkflow",
      hold: () => setStatus("adopted", { adoptedWorkflow: { name: "migrate" } }),
      lift: () => setStatus("adopted", { adoptedWorkflow: null }),
    },
    {
      name: "working",
      why: "a workflow is in progress",
      reason: "WorkflowInProgress",
      hold: () => setCondition("working", "True"),
      lift: () => setCondition("working", "False"),
    },
    {
      name: "purpose",
      why: "the newest gate task is mark-not-ready",
      reason: "GateShutOnPurpose",
      hold: async () => {
        const body = JSON.stringify({ id: HOLD_ID, type: "mark-not-ready" });
        expect((await fetch(await tasksOf("purpose"), { method: "POST", body })).status).toBe(201);
      },
      lift: async () => {
        const gone = await fetch(`${await tasksOf("purpose")}/${HOLD_ID}`, { method: "DELETE" });
        expect(gone.status).toBe(204);
      },
    },
  ])(
    "$name: is not opened while $why, and is when the hold is over",
    async ({ name, reason, hold, lift }) => {
      await hold();
      await shut(name);
      const before = await postsOf(name);
      await untilNode(api, { namespace: home, name }, (node) => conditionOf(node, "SidecarReady") === "False/NotReady");
      await untilNode(
        api,
        { namespace: home, name },
        (node) => conditionOf(node, "HeldByWorkflow") === `True/${reason}`,
      );
      await untilProbed(sidecars, { namespace: home, nodes: [name] });
      const { status } = await seiNode(api, home, name);
      expect(status?.plan ?? null).toBeNull();
      expect(status?.history).toHaveLength(1);
      expect(await postsOf(name)).toEqual(before);
      await untilTold(told(name), reason);
      await lift();
      const healed = await healsBy(name, 2);
      await untilOver(told(name), reason);
      expect(conditionOf(healed, "HeldByWorkflow")).toBe("False/NotHeld");
      expect(await postsOf(name)).toEqual(before.map((count) => count + 1));
    },
    SLOW_MS,
  );

  test(
    "is not opened for a workflow that came in the middle of a plan",
    async () => {
      await sidecars.behave({ submitAnswer: { status: 503 } }, { namespace: home, nodes: ["late"] });
      await shut("late");
      await eventually("the first try", async () => ((await postsOf("late")).at(-1) ?? 0) > 4);
      await setStatus("late", { adoptedWorkflow: { name: "migrate" } });
      await untilNode(api, { namespace: home, name: "late" }, ({ status }) => (status?.plan ?? null) === null);
      const before = await postsOf("late");
      await sidecars.behave({ submitAnswer: "sidecar" }, { namespace: home, nodes: ["late"] });
      await untilProbed(sidecars, { namespace: home, nodes: ["late"] });
      expect(await postsOf("late")).toEqual(before);
      const { status } = await seiNode(api, home, "late");
      expect(status?.history?.map(({ outcome }) => outcome)).toEqual(["Complete", "Superseded"]);
      await setStatus("late", { adoptedWorkflow: null });
      await healsBy("late", 2);
    },
    SLOW_MS,
  );

  test(
    "is not opened for a Pod that is on its way out, though its sidecar still answers 503",
    async () => {
      await api.patch(pod("going"), { metadata: { finalizers: [FINALIZER] } });
      await api.remove(pod("going"));
      await untilNode(
        api,
        { namespace: home, name: "going" },
        (node) => conditionOf(node, "SidecarReady") === "Unknown/Unreachable",
      );
      await shut("going");
      const before = (await livesOf("going")).at(-1);
      expect((await fetch(`http://${await ipOf("going")}:7777/v0/healthz`)).status).toBe(503);
      // A neighbour's probes tell that time has passed.
      await untilProbed(sidecars, { namespace: home, nodes: ["volume"] });
      const after = (await livesOf("going")).at(-1);
      expect(after?.podUid).toBe(before?.podUid ?? "");
      // One of the probes is this test's own.
      expect(after?.probes).toBe((before?.probes ?? 0) + 1);
      expect(after?.submissions).toEqual(before?.submissions ?? []);
      expect((await seiNode(api, home, "going")).status?.plan ?? null).toBeNull();
      await api.patch(pod("going"), { metadata: { finalizers: null } });
      await healsBy("going", 2);
      expect(await postsOf("going")).toEqual([4, 1]);
    },
    SLOW_MS,
  );

  test(
    "is not opened where the Pod's address was given to another: no POST reaches that one",
    async () => {
      const address = await ipOf("reused");
      const before = await api.get<Pod>(pod("reused"));
      // The controller hears nothing of Pods any more, so it goes on asking at the old address.
      door.stall(PODS);
      await scale("reused", 0);
      await eventually("the Pod to be gone", async () => (await api.get<Pod>(pod("reused"))) === null);
      await strangerAt(address);
      const stranger = async () => (await sidecars.lives({ namespace: home, nodes: ["stranger"] })).at(-1);
      const probedMore = async (more: number) => {
        const least = ((await stranger())?.probes ?? 0) + more;
        await eventually("probes of the stranger", async () => ((await stranger())?.probes ?? 0) >= least);
      };
      const node = await untilNode(
        api,
        { namespace: home, name: "reused" },
        ({ status }) => status?.plan?.incarnation?.podUid === before?.metadata.uid,
      );
      await probedMore(3);
      expect((await stranger())?.submissions).toEqual([]);
      await api.remove(podPath(home, "stranger"));
      // Now there is a Pod of the old name again, and it is another than the plan was made for.
      await scale("reused", 1);
      await eventually("the next Pod", async () => (await ipOf("reused")) !== "");
      door.heal();
      await healsBy("reused", 2);
      expect((await stranger())?.submissions).toEqual([]);
      const records = (await seiNode(api, home, "reused")).status?.history ?? [];
      expect(records.map(({ outcome }) => outcome)).toEqual(["Complete", "Superseded", "Complete"]);
      expect(records[1]?.id).toBe(node.status?.plan?.id.slice(0, 8) ?? "");
      expect(await postsOf("reused")).toEqual([4, 1]);
    },
    SLOW_MS,
  );

  test(
    "is not opened on another volume than init completed on, until somebody says that it is the right one",
    async () => {
      const path = `/api/v1/namespaces/${home}/persistentvolumeclaims/data-volume`;
      const claim = await api.get(path);
      if (claim === null) throw new Error("the claim is not there");
      await api.remove(path);
      await api.patch(path, { metadata: { finalizers: null } });
      const isLost = (node: Parameters<typeof conditionOf>[0]) =>
        conditionOf(node, "Stalled") === "True/DataVolumeLost";
      await untilNode(api, { namespace: home, name: "volume" }, isLost);
      const { apiVersion, kind, metadata } = claim;
      const fresh = { namespace: home, name: metadata.name, labels: metadata.labels ?? {} };
      const other = await api.apply({
        apiVersion,
        kind,
        metadata: fresh,
        spec: { ...Object(claim["spec"]), volumeName: undefined },
      });
      expect(other.metadata.uid).not.toBe(metadata.uid ?? "");
      await shut("volume");
      const before = await postsOf("volume");
      await untilProbed(sidecars, { namespace: home, nodes: ["volume"] });
      const node = await seiNode(api, home, "volume");
      expect([isLost(node), conditionOf(node, "Ready"), conditionOf(node, "SidecarReady")]).toEqual([
        true,
        "False/DataVolumeLost",
        "False/NotReady",
      ]);
      expect([node.status?.plan ?? null, node.status?.history?.length]).toEqual([null, 1]);
      await untilTold(told("volume"), "DataVolumeLost");
      expect(await postsOf("volume")).toEqual(before);
      await setStatus("volume", { dataVolume: { claimName: metadata.name, uid: other.metadata.uid } });
      await healsBy("volume", 2);
      await untilOver(told("volume"), "DataVolumeLost");
    },
    SLOW_MS,
  );
});
