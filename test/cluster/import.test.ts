/** A node on an imported volume, on a real control plane. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ApiProxy, startApiProxy } from "./harness/api-proxy.ts";
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
  untilProbed,
} from "./harness/fleet.ts";
import { untilAllowed } from "./harness/permissions.ts";
import { podPath } from "./harness/pods.ts";
import { takenAs } from "./harness/taken-as.ts";
import { holdBinder, type Laid, layClaim, volumeOf } from "./harness/volume-binder.ts";

const SLOW_MS = 90_000;
const US = "tidekeeper/";
const ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/tidekeeper";

interface Claim extends KubeObject {
  readonly status?: { readonly phase?: string };
}

describeCluster("a node on an imported volume", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let door: ApiProxy;
  let controller: ControllerProcess;
  const volumes: string[] = [];

  beforeAll(async () => {
    home = await namespace("import");
    door = await startApiProxy(cluster, await install(cluster, home));
    controller = await startController({ installation: door.installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
  }, SLOW_MS);
  afterAll(async () => {
    door.heal();
    await controller.kill();
    door.close();
    for (const name of volumes) {
      const path = `/api/v1/persistentvolumes/${name}`;
      await api.remove(path);
      // Not there by now, or held by its protection.
      await api.request("PATCH", path, { metadata: { finalizers: null } }, "application/merge-patch+json");
    }
  }, SLOW_MS);

  const claimPath = (name: string) => `/api/v1/namespaces/${home}/persistentvolumeclaims/${name}`;
  const lay = async (laid: Omit<Laid, "namespace">): Promise<KubeObject> => {
    volumes.push(volumeOf({ namespace: home, name: laid.name }));
    return layClaim(api, { ...laid, namespace: home });
  };
  const bound = async (laid: Omit<Laid, "namespace">): Promise<Claim> => {
    await lay(laid);
    // Where the claim came to the volume controller before its volume did, it is looked at again after 15 s.
    return eventually(
      `claim ${laid.name} to be bound`,
      async () => {
        const claim = await api.get<Claim>(claimPath(laid.name));
        return claim?.status?.phase === "Bound" ? claim : null;
      },
      40_000,
    );
  };
  const importing = (name: string, pvcName: string): KubeObject => {
    const node = fullNode(home, name);
    return { ...node, spec: { ...Object(node["spec"]), dataVolume: { import: { pvcName } } } };
  };
  const until = (name: string, isSo: (node: SeiNodeObject) => boolean, withinMs = 40_000) =>
    untilNode(api, { namespace: home, name, withinMs }, isSo);
  const told = (node: SeiNodeObject): string =>
    node.status?.conditions?.find(({ type }) => type === "ImportPVCReady")?.message ?? "none";
  const untilTold = async (name: string, want: string): Promise<SeiNodeObject> =>
    until(name, (node) => `${conditionOf(node, "ImportPVCReady")} ${told(node)}` === want);
  const annotate = (name: string, annotations: object) =>
    api.patch(seiNodePath(home, name), { metadata: { annotations } });
  const ownObjects = async (name: string): Promise<readonly string[]> => {
    const found = await Promise.all([
      api.get(`/apis/apps/v1/namespaces/${home}/statefulsets/${name}`),
      api.get(`/api/v1/namespaces/${home}/services/${name}`),
      api.get(claimPath(`data-${name}`)),
    ]);
    return found.flatMap((object) => (object === null ? [] : [`${object.kind} ${object.metadata.name}`]));
  };
  /** All that says whether anybody of ours touched it. */
  const traces = (claim: KubeObject | null) => {
    if (claim === null) return null;
    const { uid, labels, ownerReferences, finalizers } = claim.metadata;
    const fields = takenAs<{ managedFields: readonly { manager: string }[] }>(claim.metadata).managedFields;
    return { uid, labels, ownerReferences, finalizers, managers: fields.map(({ manager }) => manager) };
  };
  /** The controller manager notes in a claim's status since when no Pod uses it; nobody else writes to it. */
  const untouched = async (before: KubeObject, since: number): Promise<KubeObject> => {
    const after = await api.get(claimPath(before.metadata.name));
    expect(traces(after)).toEqual(traces(before));
    expect(traces(before)?.managers.filter((manager) => manager.startsWith("tidekeeper"))).toEqual([]);
    const written = audit.mutationsSince(since).filter(({ resource }) => resource.startsWith("persistentvolume"));
    const ofThis = written.filter(
      ({ name }) => name === before.metadata.name || name === volumeOf({ namespace: home, name: before.metadata.name }),
    );
    expect(ofThis.filter(({ userAgent }) => !userAgent.startsWith("kube-controller-manager/"))).toEqual([]);
    return after ?? before;
  };

  test(
    "comes to Running, heals a replaced Pod, and writes nothing to the claim",
    async () => {
      const claim = await bound({ name: "restored" });
      const since = audit.offset();
      await api.apply(importing("a", "restored"));
      const node = await until("a", isAtRest);
      expect(conditionOf(node, "ImportPVCReady")).toBe("True/PVCValidated");
      expect(node.status?.dataVolume).toEqual({ claimName: "restored", uid: claim.metadata.uid ?? "" });
      expect(await ownObjects("a")).toEqual(["StatefulSet a", "Service a"]);
      await api.remove(podPath(home, "a-0"));
      const healed = await until("a", (one) => isAtRest(one) && one.status?.history?.length === 2);
      expect(healed.status?.history?.map(({ detector, outcome }) => `${detector} ${outcome}`)).toEqual([
        "init Complete",
        "sidecar-ready Complete",
      ]);
      await untouched(claim, since);
      // Another start: what is known of the claim is read anew. No Pod comes or goes, so nobody at all writes to it.
      await controller.kill();
      controller = await startController({
        installation: door.installation,
        flags: ["--probe-interval=1s", "--leader-elect-identity=second"],
      });
      const settled = await untouched(claim, since);
      await sidecars.shut({ namespace: home, nodes: ["a"] });
      await until("a", (one) => isAtRest(one) && one.status?.history?.length === 3);
      const last = await untouched(claim, since);
      expect(last.metadata.resourceVersion).toBe(settled.metadata.resourceVersion ?? "");
    },
    SLOW_MS,
  );

  test(
    "is refused beside another that imports the same claim, with nothing written, and takes it over when that is gone",
    async () => {
      const claim = await bound({ name: "shared" });
      const since = audit.offset();
      await api.apply(importing("first", "shared"));
      await until("first", isAtRest);
      await api.apply(importing("second", "shared"));
      const refused = await untilTold("second", "False/PVCInvalid claim shared: SeiNode first uses it");
      expect([refused.status?.phase ?? "", conditionOf(refused, "Stalled")]).toEqual(["Failed", "True/InitFailed"]);
      expect(await ownObjects("second")).toEqual([]);
      await untilProbed(sidecars, { namespace: home, nodes: ["first"] });
      expect(isAtRest(await seiNode(api, home, "first"))).toBe(true);
      await api.remove(seiNodePath(home, "first"));
      await eventually("first to be gone", async () => (await api.get(seiNodePath(home, "first"))) === null, 40_000);
      // The claim outlives its node, as it was.
      await untouched(claim, since);
      await annotate("second", { "tidekeeper.sei.io/reinitialize": "first is gone" });
      const moved = await until("second", isAtRest);
      expect(moved.status?.dataVolume).toEqual({ claimName: "shared", uid: claim.metadata.uid ?? "" });
      await untouched(claim, since);
    },
    SLOW_MS,
  );

  test(
    "of two made at once on one claim exactly one comes up: the older one, or the first by name",
    async () => {
      const claim = await bound({ name: "contested" });
      const names = ["twin-b", "twin-a", "twin-c"];
      await Promise.all(names.map((name) => api.apply(importing(name, "contested"))));
      const nodes = await Promise.all(
        names.map((name) => until(name, (one) => isAtRest(one) || one.status?.phase === "Failed")),
      );
      const age = ({ metadata }: SeiNodeObject) => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
      const [eldest, ...others] = nodes.toSorted((a, b) => age(a).localeCompare(age(b)));
      expect(nodes.filter(isAtRest).map(({ metadata }) => metadata.name)).toEqual([eldest?.metadata.name ?? ""]);
      for (const { metadata } of others) {
        expect(await ownObjects(metadata.name)).toEqual([]);
        const lives = await sidecars.lives({ namespace: home, nodes: [metadata.name] });
        expect(lives).toEqual([]);
      }
      expect((await api.get(claimPath("contested")))?.metadata.uid).toBe(claim.metadata.uid ?? "");
    },
    SLOW_MS,
  );

  test(
    "is refused the claim of another node's own, and that one goes on",
    async () => {
      await bringUp(api, { namespace: home, names: ["own"] });
      const before = await api.get(claimPath("data-own"));
      await api.apply(importing("thief", "data-own"));
      await untilTold("thief", "False/PVCInvalid claim data-own: SeiNode own uses it");
      expect(await ownObjects("thief")).toEqual([]);
      await untilProbed(sidecars, { namespace: home, nodes: ["own"] });
      expect(isAtRest(await seiNode(api, home, "own"))).toBe(true);
      expect(traces(await api.get(claimPath("data-own")))).toEqual(traces(before));
    },
    SLOW_MS,
  );

  test(
    "whose claim is replaced behind its Pod's back keeps its gate shut, until a person accepts the new one",
    async () => {
      const claim = await bound({ name: "swapped" });
      await api.apply(importing("swap", "swapped"));
      await until("swap", isAtRest);
      const place = { namespace: home, nodes: ["swap"] };
      const posts = async () => (await sidecars.lives(place)).flatMap(({ submissions }) => submissions).length;
      const before = await posts();
      // By force: the protection of claims would not have it.
      await api.remove(claimPath("swapped"));
      await api.patch(claimPath("swapped"), { metadata: { finalizers: null } });
      await eventually("the claim to be gone", async () => (await api.get(claimPath("swapped"))) === null);
      await api.patch(`/api/v1/persistentvolumes/${volumeOf({ namespace: home, name: "swapped" })}`, {
        spec: { claimRef: null },
      });
      const other = await bound({ name: "swapped" });
      expect(other.metadata.uid).not.toBe(claim.metadata.uid ?? "");
      await sidecars.shut(place);
      const lost = await until("swap", (node) => conditionOf(node, "Stalled") === "True/DataVolumeLost");
      expect(conditionOf(lost, "SidecarReady")).toBe("False/NotReady");
      await untilProbed(sidecars, place);
      expect(await posts()).toBe(before);
      await annotate("swap", { "tidekeeper.sei.io/accept-data-volume": other.metadata.uid });
      await until("swap", isAtRest, 60_000);
      expect(await posts()).toBe(before + 1);
    },
    SLOW_MS,
  );

  test(
    "whose claim cannot be read is not called lost, and its gate waits for the read",
    async () => {
      await bound({ name: "unread" });
      await api.apply(importing("patient", "unread"));
      await until("patient", isAtRest);
      const place = { namespace: home, nodes: ["patient"] };
      const posts = async () => (await sidecars.lives(place)).flatMap(({ submissions }) => submissions).length;
      const before = await posts();
      door.deny(/\/persistentvolumeclaims\/unread$/);
      // While it is idle nothing reads it: five polls go by and nothing is amiss.
      await untilProbed(sidecars, { ...place, more: 5 });
      expect(isAtRest(await seiNode(api, home, "patient"))).toBe(true);
      await sidecars.shut(place);
      await until("patient", ({ status }) => status?.plan?.tasks[0]?.type === "mark-ready");
      await untilProbed(sidecars, place);
      const waiting = await seiNode(api, home, "patient");
      expect([waiting.status?.plan?.phase ?? "", conditionOf(waiting, "Stalled")]).toEqual(["Active", "none"]);
      expect(await posts()).toBe(before);
      door.heal();
      await until("patient", isAtRest);
      expect(await posts()).toBe(before + 1);
    },
    SLOW_MS,
  );

  test(
    "that may not read volumes says so, and goes on when it may",
    async () => {
      await bound({ name: "hidden" });
      const account = { namespace: home, name: "tidekeeper" };
      const role = takenAs<{ rules: readonly { resources: readonly string[] }[] }>(await api.get(ROLE));
      await api.patch(ROLE, { rules: role.rules.filter(({ resources }) => !resources.includes("persistentvolumes")) });
      try {
        await untilAllowed(api, account, { verb: "get", resource: "persistentvolumes" }, false);
        await api.apply(importing("blind", "hidden"));
        const waiting = await until("blind", (node) => conditionOf(node, "ImportPVCReady") === "False/PVCNotReady");
        expect(told(waiting)).toStartWith(`claim hidden: volume ${home}-hidden: it cannot be read: `);
      } finally {
        await api.patch(ROLE, { rules: role.rules });
      }
      await until("blind", isAtRest);
    },
    SLOW_MS,
  );

  test.each<[string, object]>([
    ["no name", { import: {} }],
    ["an empty name", { import: { pvcName: "" } }],
    ["a path", { import: { pvcName: "../secrets/x" } }],
    ["upper case", { import: { pvcName: "Old" } }],
    ["a name that is too long", { import: { pvcName: "x".repeat(254) } }],
    ["a number", { import: { pvcName: 4 } }],
  ])("with %s is refused by the API server", async (_title, dataVolume) => {
    const node = fullNode(home, "bad");
    const spec = { ...Object(node["spec"]), dataVolume };
    const reply = await api.request("POST", `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes`, { ...node, spec });
    expect(reply.status).toBe(422);
  });

  test(
    "keeps its import: another name and none are refused; a name of empty parts is told as invalid",
    async () => {
      await api.apply(importing("fixed", "nowhere"));
      for (const dataVolume of [{ import: { pvcName: "other" } }, { import: null }]) {
        const reply = await api.request(
          "PATCH",
          seiNodePath(home, "fixed"),
          { spec: { dataVolume } },
          "application/merge-patch+json",
        );
        expect(reply.status).toBe(422);
      }
      await api.apply(importing("dots", "a..b"));
      await until("dots", (node) => conditionOf(node, "Stalled") === "True/InvalidSpec");
      expect(await ownObjects("dots")).toEqual([]);
    },
    SLOW_MS,
  );

  describe("while nobody binds", () => {
    let letGo = (): void => undefined;
    beforeAll(() => {
      letGo = holdBinder(cluster);
    });
    afterAll(async () => {
      letGo();
      await api.patch(claimPath("t-going"), { metadata: { finalizers: null } });
    });

    const setClaim = (name: string, status: object) => api.patch(`${claimPath(name)}/status`, { status });
    const setVolume = (name: string, phase: string) =>
      api.patch(`/api/v1/persistentvolumes/${volumeOf({ namespace: home, name })}/status`, { status: { phase } });
    const TEN = { phase: "Bound", capacity: { storage: "10Gi" } };
    interface Fault {
      readonly laid?: Partial<Laid>;
      readonly claim?: object | null;
      /** What else is done before the node is made. */
      readonly also?: (name: string) => Promise<unknown>;
      readonly why: string;
    }
    const prepare = async (name: string, { laid, claim = TEN, also }: Fault): Promise<void> => {
      if (claim !== null) {
        await lay({ ...laid, name });
        await setClaim(name, claim);
        if (laid?.volumeSize !== null) await setVolume(name, "Bound");
      }
      await also?.(name);
    };

    const FINALIZERS = { metadata: { finalizers: ["test.tidekeeper.sei.io/wait"] } };
    const transient: [string, string, Fault][] = [
      ["a claim that is not there", "t-none", { claim: null, why: "it is not there" }],
      [
        "one that is going",
        "t-going",
        {
          also: async (name) => {
            await api.patch(claimPath(name), FINALIZERS);
            await api.remove(claimPath(name));
          },
          why: "it is being deleted",
        },
      ],
      ["one that is not bound", "t-pending", { claim: { phase: "Pending" }, why: "it is Pending, not Bound" }],
      ["one of no capacity", "t-size", { claim: { phase: "Bound" }, why: "its capacity is not known" }],
      ["one that names no volume", "t-name", { laid: { volumeSize: null }, why: "it names no volume" }],
      [
        "a volume that is not there",
        "t-gone",
        {
          also: async (name) => {
            const path = `/api/v1/persistentvolumes/${volumeOf({ namespace: home, name })}`;
            await api.remove(path);
            await api.patch(path, { metadata: { finalizers: null } });
          },
          why: "volume VOLUME is not there",
        },
      ],
    ];
    test.each(transient)(
      "%s is waited for, in view and without a write a look",
      async (_title, name, fault) => {
        await prepare(name, fault);
        const claim = await api.get(claimPath(name));
        await api.apply(importing(name, name));
        const why = fault.why.replace("VOLUME", volumeOf({ namespace: home, name }));
        const node = await untilTold(name, `False/PVCNotReady claim ${name}: ${why}`);
        // The record of the write that was just seen may be on its way.
        await Bun.sleep(300);
        const since = audit.offset();
        await Bun.sleep(2500);
        const later = await seiNode(api, home, name);
        expect([later.status?.phase ?? "", later.status?.plan?.phase ?? ""]).toEqual(["Initializing", "Active"]);
        expect(later.metadata.resourceVersion).toBe(node.metadata.resourceVersion ?? "");
        const ours = audit.mutationsSince(since, US).filter((entry) => entry.namespace === home);
        expect(ours.filter((entry) => entry.name === name)).toEqual([]);
        expect(await ownObjects(name)).toEqual([]);
        expect(await api.get(claimPath(name))).toEqual(claim);
      },
      SLOW_MS,
    );

    const terminal: [string, string, Fault][] = [
      ["a claim that is Lost", "f-lost", { claim: { ...TEN, phase: "Lost" }, why: "it is Lost: its volume is gone" }],
      [
        "one for many nodes",
        "f-many",
        {
          laid: { accessModes: ["ReadWriteMany"] },
          why: "access modes: got ReadWriteMany, want ReadWriteOnce or ReadWriteOncePod",
        },
      ],
      [
        "one that is too small",
        "f-small",
        {
          laid: { size: "10G", volumeSize: "10G" },
          claim: { phase: "Bound", capacity: { storage: "10G" } },
          why: "capacity: got 10G, want at least 10Gi",
        },
      ],
      [
        "a volume that failed",
        "f-failed",
        { also: (name) => setVolume(name, "Failed"), why: "volume VOLUME is Failed" },
      ],
      [
        "a volume of another size",
        "f-other",
        { laid: { volumeSize: "11Gi" }, why: "volume VOLUME has 11Gi, and the claim says 10Gi" },
      ],
    ];
    test.each(terminal)(
      "%s fails the plan for all to see",
      async (_title, name, fault) => {
        await prepare(name, fault);
        await api.apply(importing(name, name));
        const why = `claim ${name}: ${fault.why.replace("VOLUME", volumeOf({ namespace: home, name }))}`;
        const node = await untilTold(name, `False/PVCInvalid ${why}`);
        expect([node.status?.phase ?? "", conditionOf(node, "Stalled")]).toEqual(["Failed", "True/InitFailed"]);
        expect(node.status?.history?.at(-1)?.message).toBe(`task ensure-data-pvc: IMPORT_INVALID: ${why}`);
        expect(await ownObjects(name)).toEqual([]);
      },
      SLOW_MS,
    );

    test(
      "what was waited for is taken as soon as it is there, in whatever notation its size comes",
      async () => {
        const name = "t-pending";
        await setClaim(name, { phase: "Bound", capacity: { storage: "10737418240" } });
        const node = await until(name, (one) => conditionOf(one, "ImportPVCReady") === "True/PVCValidated");
        expect(node.status?.dataVolume?.claimName).toBe(name);
      },
      SLOW_MS,
    );
  });
});
