/** Nobody's absence fails a node: what its sidecar did meanwhile counts, and the times that are stored do not. */
import { afterEach, expect, test } from "bun:test";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { conditionOf, fullNode, isAtRest, type SeiNodeObject, seiNodePath, untilNode } from "./harness/fleet.ts";

const SLOW_MS = 120_000;
const DAY_MS = 86_400_000;
const TASK_MS = 8000;

describeCluster("a node that is brought up", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  const running = new Set<ControllerProcess>();
  afterEach(async () => {
    await Promise.all([...running].map((one) => one.kill("SIGKILL")));
    running.clear();
  }, SLOW_MS);

  const start = async (installation: Installation): Promise<ControllerProcess> => {
    const one = await startController({ installation, flags: ["--probe-interval=1s", "--leader-elect=false"] });
    running.add(one);
    return one;
  };
  const tasksOf = ({ status }: SeiNodeObject) => status?.plan?.tasks ?? [];

  test.each([
    ["a day behind", -DAY_MS],
    ["a day ahead", DAY_MS],
  ])(
    "comes up after its controller was away, by times %s, and is given nothing twice",
    async (_title, shiftMs) => {
      const space = await namespace("away");
      const installation = await install(cluster, space);
      const place = { namespace: space, name: "n" };
      await sidecars.behave({ taskMs: TASK_MS }, { namespace: space });
      const first = await start(installation);
      await api.apply(fullNode(space, "n"));
      const handedOver = (node: SeiNodeObject): boolean => tasksOf(node).some(({ status }) => status === "Running");
      await untilNode(api, { ...place, withinMs: 30_000 }, handedOver);
      await first.kill("SIGKILL");
      running.delete(first);
      const node = await untilNode(api, place, handedOver);
      const at = new Date(Date.now() + shiftMs).toISOString();
      const tasks = tasksOf(node).map((task) => (task.startedAt === undefined ? task : { ...task, startedAt: at }));
      const plan = { ...node.status?.plan, createdAt: at, tasks };
      await api.patch(`${seiNodePath(space, "n")}/status`, { status: { plan } });
      // Its sidecar goes on, and ends.
      await Bun.sleep(TASK_MS);
      await sidecars.behave({ taskMs: 5 }, { namespace: space });
      await start(installation);
      const up = await untilNode(api, { ...place, withinMs: 40_000 }, isAtRest);
      expect([up.status?.phase, up.status?.history?.map(({ outcome }) => outcome)]).toEqual(["Running", ["Complete"]]);
      const lives = await sidecars.lives({ namespace: space });
      const types = lives.flatMap(({ submissions }) => submissions.map(({ type }) => type));
      expect(types).toEqual([...new Set(types)]);
    },
    SLOW_MS,
  );

  test(
    "says what it waits for after a minute, in one write, and goes on when its sidecar answers",
    async () => {
      const space = await namespace("waits");
      const installation = await install(cluster, space);
      const place = { namespace: space, name: "n" };
      await sidecars.behave({ submitAnswer: "hang" }, { namespace: space });
      await start(installation);
      await api.apply(fullNode(space, "n"));
      const told = (node: SeiNodeObject): string =>
        node.status?.conditions?.find(({ type }) => type === "Reconciling")?.message ?? "";
      const waiting = await untilNode(api, { ...place, withinMs: 100_000 }, (node) => told(node).includes(" waits: "));
      expect(told(waiting)).toContain("configure-genesis waits: ");
      expect(conditionOf(waiting, "Reconciling")).toBe("True/Progressing");
      const { resourceVersion } = waiting.metadata;
      await Bun.sleep(10_000);
      const later = await untilNode(api, place, () => true);
      expect(later.metadata.resourceVersion).toBe(resourceVersion ?? "");
      await sidecars.behave({ submitAnswer: "sidecar" }, { namespace: space });
      await untilNode(api, { ...place, withinMs: 40_000 }, isAtRest);
      await eventually(
        "nothing to be waited for",
        async () => !told(await untilNode(api, place, () => true)).includes("waits"),
      );
    },
    2 * SLOW_MS,
  );
});
