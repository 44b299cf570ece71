/** A template that was edited while nobody looked: the home of `seid` lies off the data volume, which is there all the same. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, conditionOf, isAtRest, replacePod, untilNode, untilProbed } from "./harness/fleet.ts";
import { podPath } from "./harness/pods.ts";

const SLOW_MS = 120_000;
const FLAGS = ["--probe-interval=1s"];
const SCRATCH = { name: "scratch", emptyDir: {} };
const DATA = { name: "data", mountPath: "/sei" };

const WAYS = [
  [
    "scratch",
    [
      { name: "scratch", mountPath: "/sei" },
      { name: "data", mountPath: "/old" },
    ],
  ],
  ["folder", [{ ...DATA, subPath: "elsewhere" }]],
  ["covered", [DATA, { name: "scratch", mountPath: "/sei/data" }]],
] as const;

describeCluster("a home that was moved off the data volume", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const setPath = (name: string) => `/apis/apps/v1/namespaces/${home}/statefulsets/${name}`;
  const podSpecOf = async (name: string): Promise<Record<string, unknown>> =>
    Object((await api.get(setPath(name)))?.["spec"]).template.spec;
  const mountsIn = (spec: Record<string, unknown>): unknown => {
    const containers: readonly Record<string, unknown>[] = Object(spec["containers"]);
    return containers.find((one) => one["name"] === "seid")?.["volumeMounts"];
  };

  beforeAll(async () => {
    home = await namespace("home");
    const installation = await install(cluster, home);
    controller = await startController({ installation, flags: FLAGS });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: WAYS.map(([name]) => name) });
    await controller.kill();
    for (const [name, volumeMounts] of WAYS) {
      const spec = await podSpecOf(name);
      const containers: readonly Record<string, unknown>[] = Object(spec["containers"]);
      const volumes: readonly unknown[] = Object(spec["volumes"]);
      const edited = {
        volumes: [...volumes, SCRATCH],
        containers: containers.map((one) => (one["name"] === "seid" ? { ...one, volumeMounts } : one)),
      };
      await api.patch(setPath(name), { spec: { template: { spec: edited } } });
      await untilFollowed(name);
      await api.remove(podPath(home, `${name}-0`));
      await eventually(`the Pod of ${name} on the edited template`, async () => {
        const pod = await api.get(podPath(home, `${name}-0`));
        const spec: Record<string, unknown> = Object(pod?.["spec"]);
        return pod?.metadata.deletionTimestamp === undefined && JSON.stringify(spec["volumes"])?.includes("scratch");
      });
    }
    controller = await startController({ installation, flags: [...FLAGS, "--leader-elect-identity=second"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const untilFollowed = (name: string) =>
    eventually("the StatefulSet controller", async () => {
      const set = await api.get(setPath(name));
      return Object(set?.["status"]).observedGeneration === set?.metadata.generation;
    });

  test.each(WAYS)(
    "(%s) keeps its gate shut, the set is mended meanwhile, and the next Pod is healed on the volume",
    async (name) => {
      const place = { namespace: home, nodes: [name] };
      const outdated = await untilNode(
        api,
        { namespace: home, name, withinMs: 30_000 },
        (node) => conditionOf(node, "PodOutdated") === "True/TemplateChanged",
      );
      expect(conditionOf(outdated, "SidecarReady")).toBe("False/NotReady");
      await untilProbed(sidecars, place);
      expect(mountsIn(await podSpecOf(name))).toContainEqual(DATA);
      const life = (await sidecars.lives(place)).at(-1);
      expect(life?.submissions ?? []).toEqual([]);
      await replacePod(api, home, name);
      const last = (await sidecars.lives(place)).at(-1);
      expect(last?.podUid).not.toBe(life?.podUid ?? "");
      expect(last?.submissions.map(({ type }) => type)).toEqual(["mark-ready"]);
      expect(isAtRest(await untilNode(api, { namespace: home, name }, isAtRest))).toBe(true);
    },
    SLOW_MS,
  );
});
