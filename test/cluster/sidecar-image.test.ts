/** A new sidecar image on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, conditionOf, isAtRest, seiNode, seiNodePath, untilNode } from "./harness/fleet.ts";
import { keepDiary } from "./harness/node-diary.ts";
import { eventually } from "./harness/eventually.ts";

const SLOW_MS = 240_000;
const NAMES = ["a", "b", "c", "d"];

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly initContainers: readonly { readonly name: string; readonly image: string }[] };
}

describeCluster("the sidecar's image", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let installation: Installation;
  let controller: ControllerProcess;

  const start = async (image: string, flags: readonly string[] = []) => {
    controller = await startController({ installation, env: { SEI_SIDECAR_IMAGE: image }, flags });
    await controller.leads();
  };
  beforeAll(async () => {
    home = await namespace("sidecar-image");
    installation = await install(cluster, home);
    await start("sidecar:1");
    await bringUp(api, { namespace: home, names: NAMES });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const pods = () => api.list<Pod>(`/api/v1/namespaces/${home}/pods`);
  const images = async (): Promise<readonly (string | undefined)[]> =>
    (await pods()).map(({ spec }) => spec.initContainers.find(({ name }) => name === "sei-sidecar")?.image);
  // A node's Pod is deleted at most once a minute, so a second roll-out may have to wait for the rest of it.
  const place = (name: string) => ({ namespace: home, name, withinMs: 100_000 });

  test(
    "was stamped by init, and a restart with the same default rolls nobody",
    async () => {
      const seen = await Promise.all(NAMES.map(async (name) => (await seiNode(api, home, name)).status));
      expect(seen.map((status) => status?.currentSidecarImage)).toEqual(NAMES.map(() => "sidecar:1"));
      const before = (await pods()).map(({ metadata }) => metadata.uid);
      await controller.kill();
      await start("sidecar:1");
      await Bun.sleep(3000);
      expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual(before);
    },
    SLOW_MS,
  );

  test(
    "as a new default of the platform reaches one node after the other",
    async () => {
      const diaries = await Promise.all(NAMES.map((name) => keepDiary(api, home, name)));
      await controller.kill();
      await start("sidecar:2", ["--max-unavailable=1", "--probe-interval=1s"]);
      for (const name of NAMES) {
        await untilNode(api, place(name), (node) => isAtRest(node) && node.status?.currentSidecarImage === "sidecar:2");
      }
      await Promise.all(diaries.map((diary) => diary.close()));
      expect(await images()).toEqual(NAMES.map(() => "sidecar:2"));
      // In the order of their versions no two plans overlap: one ends before the next begins.
      const spans = diaries.map((diary) => {
        const under = diary.versions().filter(({ status }) => status?.plan?.budget === "sidecar-image");
        const versions = under.map(({ metadata }) => Number(metadata.resourceVersion));
        return { from: Math.min(...versions), to: Math.max(...versions) };
      });
      const inOrder = spans.toSorted((x, y) => x.from - y.from);
      for (const [index, span] of inOrder.entries()) {
        expect(span.from).toBeGreaterThan(inOrder[index - 1]?.to ?? 0);
      }
      expect(diaries.map((diary) => diary.plans().map(({ reason }) => reason ?? ""))).toEqual(
        NAMES.map(() => ["SidecarImageChanged"]),
      );
    },
    SLOW_MS,
  );

  test(
    "of its own spec is rolled out at once, and a broken one is mended by the next",
    async () => {
      await sidecars.behave({ answer: "hang" }, { namespace: home, nodes: ["a"] });
      await api.patch(seiNodePath(home, "a"), { spec: { sidecar: { image: "sidecar:own" } } });
      await untilNode(api, place("a"), ({ status }) => status?.currentSidecarImage === "sidecar:own");
      await api.patch(seiNodePath(home, "a"), { spec: { sidecar: { image: "sidecar:mended" } } });
      await untilNode(api, place("a"), ({ status }) => status?.currentSidecarImage === "sidecar:mended");
      await sidecars.behave({ answer: "sidecar" }, { namespace: home, nodes: ["a"] });
      const node = await untilNode(api, place("a"), isAtRest);
      expect(conditionOf(node, "Ready")).toBe("True/Ready");
    },
    SLOW_MS,
  );

  test(
    "as a default that does not start stops at the first node, and the others stay as they are",
    async () => {
      await sidecars.behave(
        { submitAnswer: { status: 400, body: '{"error":"unknown task type"}' } },
        { namespace: home },
      );
      await controller.kill();
      await start("sidecar:bad", ["--max-unavailable=1", "--probe-interval=1s"]);
      await eventually(
        "one node that failed",
        async () => {
          const all = await Promise.all(NAMES.map((name) => seiNode(api, home, name)));
          return all.some(({ status }) => status?.history?.at(-1)?.outcome === "Failed");
        },
        40_000,
      );
      await Bun.sleep(5000);
      expect((await images()).filter((image) => image === "sidecar:bad")).toHaveLength(1);
      const rest = await Promise.all(["b", "c", "d"].map((name) => seiNode(api, home, name)));
      const waiting = rest.filter((node) => conditionOf(node, "Drift") === "True/SidecarImageChanged");
      expect(waiting.map(({ status }) => status?.currentSidecarImage)).toEqual(["sidecar:2", "sidecar:2"]);
      // With the cause removed the first one heals, and the others have their turn.
      await sidecars.behave({ submitAnswer: "sidecar" }, { namespace: home });
      for (const name of ["b", "c", "d"]) {
        await untilNode(
          api,
          place(name),
          (node) => isAtRest(node) && node.status?.currentSidecarImage === "sidecar:bad",
        );
      }
    },
    SLOW_MS,
  );
});
