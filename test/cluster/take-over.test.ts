/** A fleet that the reference's manager ran is taken over, and no Pod of it is restarted unasked. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  conditionOf,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { type Pod, setPodReady } from "./harness/pods.ts";
import { untilTold } from "./harness/told.ts";
import {
  applyAsReference,
  leaveBehind,
  leftCondition,
  type LeftNode,
  leftPlan,
  leftRunning,
  pathsOf,
} from "./harness/reference.ts";

const SLOW_MS = 180_000;
/** The whole promise where everything must be shown; elsewhere two steady polls of every node. */
const QUIET_MS = process.env["REQUIRE_CLUSTER"] === "1" ? 120_000 : 25_000;
const LEASE = "bc1f5b0a.sei.io";
const ANNOTATION = "tidekeeper.sei.io/take-over";
const UPDATE = ["apply-statefulset", "apply-service", "observe-image", "mark-ready"];
const HEAD = ["ensure-data-pvc", "apply-statefulset", "apply-service"];
const NONE = ["configure-genesis", "config-apply", "config-validate"];
interface ManagedObject extends KubeObject {
  readonly metadata: KubeObject["metadata"] & {
    readonly managedFields: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
    }[];
  };
}

describeCluster("a fleet that the reference ran", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let controller: ControllerProcess;
  let since = 0;
  const spec = (change: object = {}) => ({ chainId: "sei-test", image: "sei:1", fullNode: {}, ...change });
  const place = (name: string) => ({ namespace: home, name });
  const path = (name: string) => pathsOf(place(name));

  /** Running nodes, by what is odd about each. */
  const running = (): readonly (Omit<LeftNode, "namespace"> & { readonly shut?: boolean })[] => [
    { name: "rolled", spec: spec(), status: leftRunning("sei:1") },
    // Brought up a moment ago: nothing is stamped, and the plan that ended stands there still.
    {
      name: "fresh",
      spec: spec(),
      status: leftRunning("", {
        currentImage: undefined,
        plan: leftPlan(place("fresh"), {
          types: [...HEAD, ...NONE, "mark-ready"],
          done: 7,
          phase: "Complete",
          isInit: true,
        }),
      }),
    },
    {
      name: "failed-update",
      spec: spec(),
      status: leftRunning("sei:1", {
        conditions: [
          leftCondition("SidecarReady", "True", "Ready"),
          leftCondition("NodeUpdateInProgress", "True", "UpdateStarted"),
        ],
        plan: leftPlan(place("failed-update"), { types: UPDATE, done: 2, phase: "Failed", error: "it broke" }),
      }),
    },
    { name: "other-stamp", spec: spec(), status: leftRunning("sei:0") },
    { name: "sidecar", spec: spec({ sidecar: { image: "sidecar:2" } }), status: leftRunning("sei:1") },
    { name: "by-hand", spec: spec(), status: leftRunning("sei:1") },
    { name: "claim", spec: spec(), status: leftRunning("sei:1"), foreignClaim: "labelled", shut: true },
    { name: "plain-claim", spec: spec(), status: leftRunning("sei:1"), foreignClaim: "plain", shut: true },
    { name: "labelled", spec: spec({ podLabels: { team: "night" } }), status: leftRunning("sei:1") },
    { name: "edited", spec: spec({ image: "sei:2" }), runs: "sei:1", status: leftRunning("sei:1") },
    { name: "lied", spec: spec({ image: "sei:2" }), runs: "sei:1", status: leftRunning("sei:2") },
    {
      name: "reapply",
      spec: spec(),
      status: leftRunning("sei:1", {
        conditions: [leftCondition("SidecarReady", "False", "NotReady")],
        plan: leftPlan(place("reapply"), { types: ["mark-ready"], done: 0, submitted: true }),
      }),
      shut: true,
    },
  ];

  const podOf = async (name: string) => {
    const pod = await api.get<Pod>(path(name).pod);
    const containers = [...(pod?.status.initContainerStatuses ?? []), ...(pod?.status.containerStatuses ?? [])];
    return { uid: pod?.metadata.uid, restarts: containers.map((one) => `${one.name} ${one.restartCount}`) };
  };
  const before = new Map<string, Awaited<ReturnType<typeof podOf>>>();
  const note = async (name: string) => void before.set(name, await podOf(name));
  /** The Pod is the one that was left behind, and none of its containers was restarted. */
  const isUntouched = async (name: string): Promise<void> => {
    expect(before.get(name)?.uid).toBeString();
    expect(await podOf(name)).toEqual(before.get(name) ?? { uid: "none", restarts: [] });
  };
  const managersOf = async (at: string) => {
    const object = await api.get<ManagedObject>(at);
    const entries = object?.metadata.managedFields.filter(({ subresource }) => subresource === undefined) ?? [];
    return entries.map(({ manager, operation }) => `${manager}/${operation}`).toSorted();
  };
  const untilTaken = (name: string) =>
    untilNode(
      api,
      { ...place(name), withinMs: 60_000 },
      (node) => isAtRest(node) && node.status?.applied?.service !== undefined,
    );
  /** Both objects are ours alone, as we would have them. */
  const isOurs = async (name: string): Promise<void> => {
    const set = await api.get(path(name).set);
    expect(Object(set?.["spec"]).updateStrategy).toEqual({ type: "OnDelete" });
    const [container] = Object(set?.["spec"]).template.spec.containers;
    expect(container.command).toEqual(["/bin/bash", "-c"]);
    expect(container.resources).toEqual({});
    const env = Object(set?.["spec"]).template.spec.initContainers[1].env;
    expect(env).not.toContainEqual({ name: "SEI_GENESIS_BUCKET", value: "of-the-reference" });
    expect((await managersOf(path(name).set)).filter((one) => one.startsWith("seinode-controller"))).toEqual([]);
    expect(await managersOf(path(name).set)).toContain("tidekeeper/Apply");
    expect(await managersOf(path(name).service)).toEqual(["tidekeeper/Apply"]);
  };
  const plansOf = ({ status }: SeiNodeObject) =>
    (status?.history ?? []).map(({ detector, reason, outcome }) => `${detector} ${reason} ${outcome}`);
  const TAKEN = "workload TakeOver Complete";
  const writesTo = (from: number, names: readonly string[]) =>
    audit
      .mutationsSince(from, "tidekeeper/")
      .filter((entry) => entry.namespace === home && names.includes(entry.name))
      .filter(({ resource }) => ["statefulsets", "services", "persistentvolumeclaims"].includes(resource))
      .map(({ verb, resource, name }) => `${verb} ${resource} ${name}`);

  beforeAll(async () => {
    home = await namespace("moving");
    installation = await install(cluster, home);
    await Promise.all(
      running().map(async ({ shut = false, ...left }) => {
        await leaveBehind(api, { namespace: home, ...left });
        const open = () => sidecars.open({ namespace: home, nodes: [left.name] });
        if (!shut) await eventually("its gate", async () => (await open()) === 1);
      }),
    );
    // Somebody edited the template while the Pod was not Ready, so RollingUpdate has not replaced it yet.
    await setPodReady(api, path("by-hand").pod, false);
    await eventually("its Pod to be seen not Ready", async () => {
      const set = await api.get<{ status: { readyReplicas?: number } } & KubeObject>(path("by-hand").set);
      return (set?.status.readyReplicas ?? 0) === 0;
    });
    await api.patch(path("by-hand").set, { spec: { template: { metadata: { annotations: { by: "hand" } } } } });
    for (const { name } of running()) await note(name);
    since = audit.offset();
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
    // Every later start, of whatever test, would wait to see that nobody renews it.
    await api.remove(`/apis/coordination.k8s.io/v1/namespaces/${home}/leases/${LEASE}`);
  }, SLOW_MS);

  test(
    "is only looked at while the reference's Lease is alive, and taken over when it is not",
    async () => {
      const renew = () =>
        api.apply({
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: { namespace: home, name: LEASE },
          spec: {
            holderIdentity: "manager",
            leaseDurationSeconds: 15,
            renewTime: new Date().toISOString().replace("Z", "000Z"),
          },
        });
      await renew();
      const renewing = setInterval(() => void renew(), 2000);
      const flags = ["--probe-interval=1s"];
      controller = await startController({ installation, flags: [...flags, "--mode=observe"] });
      await untilProbed(sidecars, { namespace: home, nodes: ["rolled", "edited"], more: 5 });
      clearInterval(renewing);
      const stoppedAt = performance.now();
      await renew();
      expect(audit.mutationsSince(since, "tidekeeper/")).toEqual([]);
      await controller.leads(30_000);
      expect(performance.now() - stoppedAt).toBeGreaterThan(14_000);
      // In the mode that observes it tells who will ask, and does nothing.
      await untilNode(api, place("edited"), (node) => conditionOf(node, "TakeOver") === "False/ConsentNeeded");
      await untilProbed(sidecars, { namespace: home, nodes: ["rolled", "edited"] });
      const written = audit.mutationsSince(since, "tidekeeper/").filter((entry) => entry.namespace === home);
      const kinds = new Set(written.map(({ resource }) => resource));
      expect(kinds.difference(new Set(["seinodes/status", "leases", "events"]))).toEqual(new Set());
      expect(conditionOf(await seiNode(api, home, "rolled"), "TakeOver")).toBe("none");
      await controller.kill();
      controller = await startController({ installation, flags });
    },
    SLOW_MS,
  );

  test.each([
    ["rolled", [TAKEN]],
    ["fresh", ["unknown Unknown Complete", TAKEN]],
    ["failed-update", ["unknown Unknown Failed", TAKEN]],
    ["other-stamp", [TAKEN]],
    ["sidecar", [TAKEN]],
    ["by-hand", [TAKEN]],
    ["labelled", [TAKEN]],
  ])(
    "%s: its objects are ours, its image is stamped, and its Pod runs on",
    async (name, plans) => {
      const node = await untilTaken(name);
      expect(plansOf(node)).toEqual([...plans]);
      expect(node.status?.currentImage).toBe("sei:1");
      expect(node.status?.dataVolume?.claimName).toBe(`data-${name}`);
      expect(conditionOf(node, "TakeOver")).toBe("none");
      expect(["none", "False/UpdateFailed"]).toContain(conditionOf(node, "NodeUpdateInProgress"));
      await isOurs(name);
      await isUntouched(name);
    },
    SLOW_MS,
  );

  test("a sidecar that is not the one wanted is neither stamped nor rolled; one that is, is stamped", async () => {
    expect((await seiNode(api, home, "sidecar")).status?.currentSidecarImage).toBeUndefined();
    expect((await seiNode(api, home, "rolled")).status?.currentSidecarImage).toBeString();
  });

  test("what a failed plan failed of is kept in words", async () => {
    const { status } = await seiNode(api, home, "failed-update");
    expect(status?.history?.[0]?.message).toBe("task observe-image: it broke");
  });

  test(
    "claim: a volume that nobody controls is adopted, and its gate is opened on it",
    async () => {
      const node = await untilTaken("claim");
      const claim = await api.get(path("claim").claim);
      expect(node.status?.dataVolume).toEqual({ claimName: "data-claim", uid: claim?.metadata.uid ?? "" });
      expect(claim?.metadata.ownerReferences ?? []).toEqual([]);
      await isUntouched("claim");
    },
    SLOW_MS,
  );

  test(
    "plain-claim: a volume that is not labelled is asked for, and then adopted; its gate stays shut until then",
    async () => {
      const node = await untilNode(
        api,
        place("plain-claim"),
        (now) => conditionOf(now, "Stalled") === "True/DataVolumeLost",
      );
      expect([conditionOf(node, "SidecarReady"), node.status?.plan ?? null]).toEqual(["False/NotReady", null]);
      expect(writesTo(since, ["plain-claim"])).toEqual([]);
      await api.patch(path("plain-claim").claim, { metadata: { labels: { "sei.io/node": "plain-claim" } } });
      expect(conditionOf(await untilTaken("plain-claim"), "Stalled")).toBe("False/NotStalled");
      await isUntouched("plain-claim");
    },
    SLOW_MS,
  );

  test(
    "reapply: the plan under way ends under its own id before the node is taken over",
    async () => {
      const node = await untilTaken("reapply");
      expect(plansOf(node)).toEqual(["unknown Unknown Complete", TAKEN]);
      const [life] = await sidecars.lives({ namespace: home, nodes: ["reapply"] });
      expect(life?.submissions.map(({ type }) => type)).toEqual(["mark-ready"]);
      await isUntouched("reapply");
    },
    SLOW_MS,
  );

  describe("where a Pod would be replaced", () => {
    test.each(["edited", "lied"])(
      "%s: nothing is written to its objects, a gate is healed all the same, and a person's word rolls it",
      async (name) => {
        const asks = (node: SeiNodeObject) => conditionOf(node, "TakeOver") === "False/ConsentNeeded";
        const node = await untilNode(api, place(name), asks);
        const told = node.status?.conditions?.find(({ type }) => type === "TakeOver")?.message;
        expect(told).toContain("spec.image is sei:2, found sei:1");
        await untilTold({ api, controller, namespace: home, name }, "ConsentNeeded");
        await sidecars.shut({ namespace: home, nodes: [name] });
        await untilNode(api, place(name), ({ status }) => status?.history?.at(-1)?.detector === "sidecar-ready");
        const healed = await untilNode(api, place(name), isAtRest);
        expect(asks(healed)).toBe(true);
        expect(healed.status?.applied).toBeUndefined();
        expect(writesTo(since, [name])).toEqual([]);
        expect(await managersOf(path(name).set)).toEqual(["seinode-controller/Apply"]);
        await isUntouched(name);

        await api.patch(seiNodePath(home, name), { metadata: { annotations: { [ANNOTATION]: "tonight" } } });
        const rolled = await untilNode(
          api,
          { ...place(name), withinMs: 60_000 },
          (now) => isAtRest(now) && conditionOf(now, "TakeOver") === "True/TakenOver",
        );
        expect(rolled.status?.currentImage).toBe("sei:2");
        expect(plansOf(rolled).at(-1)).toBe("image ImageChanged Complete");
        await isOurs(name);
        expect((await podOf(name)).uid).not.toBe(before.get(name)?.uid ?? "");
        await note(name);
      },
      SLOW_MS,
    );
  });

  test(
    "a Pod that is replaced afterwards comes up under our template and is healed",
    async () => {
      await api.remove(path("rolled").pod);
      await untilNode(
        api,
        { ...place("rolled"), withinMs: 60_000 },
        (node) => isAtRest(node) && node.status?.history?.at(-1)?.detector === "sidecar-ready",
      );
      const pod = await api.get(path("rolled").pod);
      expect(pod?.metadata.uid).not.toBe(before.get("rolled")?.uid ?? "");
      expect(Object(pod?.["spec"]).containers[0].args).toContain("wait-for-sidecar");
      await note("rolled");
    },
    SLOW_MS,
  );

  test(
    `then nothing is written but the Lease, for ${QUIET_MS / 1000} s, and every Pod is the one that was left behind`,
    async () => {
      for (const { name } of running()) await untilTaken(name);
      await Bun.sleep(3000);
      const from = audit.offset();
      await Bun.sleep(QUIET_MS);
      const written = audit.mutationsSince(from, "tidekeeper/").filter((entry) => entry.namespace === home);
      expect(written.filter(({ resource }) => resource !== "leases")).toEqual([]);
      expect(written.length).toBeGreaterThan(0);
      for (const { name } of running()) await isUntouched(name);
    },
    SLOW_MS + QUIET_MS,
  );

  test(
    "the way back: its record of ownership renamed, the reference applies as ever, and no Pod is restarted for it",
    async () => {
      const left = { ...running()[2], namespace: home, name: "failed-update", spec: spec(), status: {} };
      await controller.kill();
      for (const at of [path(left.name).set, path(left.name).service]) {
        const object = await api.get<ManagedObject>(at);
        const managedFields = object?.metadata.managedFields
          .filter(({ manager, operation }) => manager !== "tidekeeper" || operation === "Apply")
          .map((entry) => (entry.manager === "tidekeeper" ? { ...entry, manager: "seinode-controller" } : entry));
        const changed = { ...object, metadata: { ...object?.metadata, managedFields } };
        expect((await api.request("PUT", `${at}?fieldManager=kubectl-replace`, changed)).status).toBe(200);
      }
      await applyAsReference(api, left);
      const set = await eventually("the set to be seen", async () => {
        const found = await api.get(path(left.name).set);
        return Object(found?.["status"]).observedGeneration === found?.metadata.generation ? found : null;
      });
      expect(Object(set["spec"]).updateStrategy.type).toBe("RollingUpdate");
      expect(await managersOf(path(left.name).set)).toEqual(["seinode-controller/Apply"]);
      await Bun.sleep(3000);
      await isUntouched(left.name);
      // And forward again: it is taken over as the first time.
      controller = await startController({ installation, flags: ["--probe-interval=1s"] });
      const isOursAgain = async (): Promise<boolean> => {
        const managers = await managersOf(path(left.name).set);
        return managers.includes("tidekeeper/Apply") && !managers.includes("seinode-controller/Apply");
      };
      // The reference's Lease is silent for 15 s first.
      await eventually("it to be ours again", isOursAgain, 60_000);
      await untilTaken(left.name);
      await isOurs(left.name);
      await isUntouched(left.name);
    },
    SLOW_MS,
  );
});
