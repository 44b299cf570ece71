/** Registry mirrors by admission: images are judged by revision and as they were applied, whatever Pods and templates say. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  fullNode,
  isAtRest,
  replacePod,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { podPath } from "./harness/pods.ts";
import { type Lift, type Meant, type Mirror, mirror } from "./harness/policies.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 120_000;

interface MirroredPod {
  readonly metadata: { readonly uid: string };
  readonly spec: Readonly<Record<"containers" | "initContainers", readonly { name: string; image: string }[]>>;
}

/** Name of a node, and what its mirror rewrites. */
const MIRRORS: readonly [
  name: string,
  title: string,
  what: { resource: Meant["resource"]; containers: "all" | "sidecar"; to?: Mirror },
][] = [
  ["on-pods", "on Pods", { resource: "pods", containers: "all" }],
  ["on-sets", "on StatefulSets", { resource: "statefulsets", containers: "all" }],
  ["on-sidecar", "on the sidecar of Pods alone", { resource: "pods", containers: "sidecar" }],
  ["digests", "on Pods, and adds digests", { resource: "pods", containers: "all", to: "digest" }],
  ["set-digests", "on StatefulSets, and adds digests", { resource: "statefulsets", containers: "all", to: "digest" }],
];

describeCluster("under a mirror", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  let plainMs = 0;
  const place = (name: string) => ({ namespace: home, name, withinMs: 30_000 });
  const plans = ({ status }: SeiNodeObject): readonly string[] =>
    (status?.history ?? []).map(({ detector, outcome }) => `${detector} ${outcome}`);
  const messageOf = ({ status }: SeiNodeObject, type: string): string =>
    takenAs<{ type: string; message: string }[]>(status?.conditions ?? []).find((one) => one.type === type)?.message ??
    "";
  const podOf = (name: string) => api.get<MirroredPod>(podPath(home, `${name}-0`));
  const images = async (name: string): Promise<readonly string[]> => {
    const pod = await podOf(name);
    return [...(pod?.spec.initContainers ?? []), ...(pod?.spec.containers ?? [])].map(({ image }) => image);
  };
  const life = async (name: string) => (await sidecars.lives({ namespace: home, nodes: [name] })).at(-1);
  /** Milliseconds from the first 503 of the present sidecar to its open gate. */
  const openedAfter = async (name: string): Promise<number> => {
    const { openedAt, firstNotReady } = (await life(name)) ?? {};
    return (openedAt?.mono ?? Number.NaN) - (firstNotReady?.at.mono ?? Number.NaN);
  };
  const bump = async (name: string, image: string, withinMs = 30_000): Promise<SeiNodeObject> => {
    await api.patch(seiNodePath(home, name), { spec: { image } });
    return untilNode(
      api,
      { ...place(name), withinMs },
      (node) => isAtRest(node) && node.status?.currentImage === image,
    );
  };
  /** Nothing comes of what is told: the node is idle and makes no more plans. */
  const staysQuiet = async (name: string): Promise<void> => {
    const before = (await seiNode(api, home, name)).metadata.resourceVersion;
    await untilProbed(sidecars, { namespace: home, nodes: [name] });
    expect((await seiNode(api, home, name)).metadata.resourceVersion).toBe(before ?? "");
  };

  beforeAll(async () => {
    home = await namespace("mirror");
    controller = await startController({
      installation: await install(cluster, home),
      env: { SEI_SIDECAR_IMAGE: "seictl:1" },
      flags: ["--probe-interval=1s"],
    });
    await controller.leads();
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    const from = performance.now();
    await bringUp(api, { namespace: home, names: ["plain"] });
    plainMs = performance.now() - from;
    await bringUp(api, { namespace: home, names: ["later", "later-set", "edited"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  describe.each(MIRRORS)("%s", (name, title, what) => {
    let lift: Lift = async () => undefined;

    test(
      `${title}: a new node comes up, is healed and rolled out as without it, and the mirror may go`,
      async () => {
        lift = await mirror(api, { namespace: home, node: name, ...what });
        const from = performance.now();
        await api.apply(fullNode(home, name));
        const up = await untilNode(api, place(name), isAtRest);
        expect(performance.now() - from - plainMs).toBeLessThan(10_000);
        expect(up.status?.currentImage).toBe("sei:1");
        expect(plans(up)).toEqual(["init Complete"]);
        expect(conditionOf(up, "Drift")).not.toStartWith("True");
        expect((await images(name)).filter((image) => /mirror|@/.test(image))).toHaveLength(
          what.containers === "all" ? 3 : 1,
        );
        expect(messageOf(up, "Reconciling")).toContain("admission rewrote it");
        await staysQuiet(name);

        await replacePod(api, home, name);
        expect(await openedAfter(name)).toBeLessThan(1000);
        expect(plans(await seiNode(api, home, name))).toEqual(["init Complete", "sidecar-ready Complete"]);

        const bumped = await bump(name, "sei:2");
        expect(plans(bumped)).toEqual(["init Complete", "sidecar-ready Complete", "image Complete"]);
        expect((await images(name)).at(-1)).toMatch(/sei:2/);
        await staysQuiet(name);

        await lift();
        await replacePod(api, home, name);
        expect(await openedAfter(name)).toBeLessThan(1000);
        await staysQuiet(name);
      },
      SLOW_MS,
    );
  });

  // A node's Pod is deleted at most once a minute, so the second roll-outs are waited for together.
  test(
    "that has gone, the next image is rolled out as it was asked for",
    async () => {
      const all = MIRRORS.map(([name]) => name);
      const nodes = await Promise.all(all.map((name) => bump(name, "sei:3", 100_000)));
      for (const after of nodes) {
        expect(plans(after).slice(3)).toEqual(["sidecar-ready Complete", "image Complete"]);
        expect(messageOf(after, "Reconciling")).toBe("");
      }
      for (const name of all) expect((await images(name)).filter((image) => /mirror|@/.test(image))).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "that comes later, a Pod that is replaced is healed by one plan",
    async () => {
      const lift = await mirror(api, { namespace: home, node: "later", resource: "pods", containers: "all" });
      await replacePod(api, home, "later");
      expect(await openedAfter("later")).toBeLessThan(1000);
      expect((await images("later")).at(-1)).toBe("mirror.local/sei:1");
      expect(plans(await seiNode(api, home, "later"))).toEqual(["init Complete", "sidecar-ready Complete"]);
      await staysQuiet("later");
      await lift();
    },
    SLOW_MS,
  );

  test(
    "that comes later to a StatefulSet, what somebody else's edit has it say is rolled once, as one plan",
    async () => {
      const name = "later-set";
      await mirror(api, { namespace: home, node: name, resource: "statefulsets", containers: "all" });
      await replacePod(api, home, name);
      expect(plans(await seiNode(api, home, name))).toEqual(["init Complete", "sidecar-ready Complete"]);
      const path = `/apis/apps/v1/namespaces/${home}/statefulsets/${name}`;
      await api.patch(path, { metadata: { annotations: { "example.com/seen": "yes" } } });
      const node = await untilNode(api, place(name), (one) => isAtRest(one) && plans(one).length > 2);
      expect([node.status?.currentImage, ...plans(node).slice(2)]).toEqual(["sei:1", "image Complete"]);
      expect((await images(name)).at(-1)).toBe("mirror.local/sei:1");
      await staysQuiet(name);
    },
    SLOW_MS,
  );

  test(
    "a Pod that somebody edits in place is told and not stamped, and the next image replaces it",
    async () => {
      const path = podPath(home, "edited-0");
      const patch = { spec: { containers: [{ name: "seid", image: "sei:9" }] } };
      const reply = await api.request("PATCH", path, patch, "application/strategic-merge-patch+json");
      expect(reply.status).toBe(200);
      const told = await untilNode(
        api,
        place("edited"),
        (node) => conditionOf(node, "PodOutdated") === "True/PodEdited",
      );
      expect(messageOf(told, "Reconciling")).toContain(
        "seid has sei:9 where sei:1 was applied: it was edited in place",
      );
      await staysQuiet("edited");
      const node = await seiNode(api, home, "edited");
      expect([node.status?.currentImage, ...plans(node)]).toEqual(["sei:1", "init Complete"]);
      const after = await bump("edited", "sei:2");
      expect(plans(after)).toEqual(["init Complete", "image Complete"]);
      expect(conditionOf(after, "PodOutdated")).toBe("False/UpToDate");
    },
    SLOW_MS,
  );

  test(
    "a Pod that is edited before it was seen running is not stamped until it is replaced",
    async () => {
      await bringUp(api, { namespace: home, names: ["quick"] });
      // The new Pod's image never starts, so there is time for the edit.
      await api.patch(seiNodePath(home, "quick"), { spec: { image: "sei:never" } });
      await eventually("the new Pod", async () => (await images("quick")).at(-1) === "sei:never");
      const patch = { spec: { containers: [{ name: "seid", image: "sei:9" }] } };
      await api.request("PATCH", podPath(home, "quick-0"), patch, "application/strategic-merge-patch+json");
      await untilNode(api, place("quick"), (node) => conditionOf(node, "PodOutdated") === "True/PodEdited");
      const node = await seiNode(api, home, "quick");
      expect(node.status?.currentImage).toBe("sei:1");
      expect(node.status?.plan?.phase).toBe("Active");
    },
    SLOW_MS,
  );
});
