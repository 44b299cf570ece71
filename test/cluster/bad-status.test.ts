/** A status that somebody else wrote. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import {
  bringUp,
  conditionOf,
  isAtRest,
  seiNode,
  type SeiNodeObject,
  seiNodePath,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { loosenSchema } from "./harness/loose-schema.ts";
import { keepDiary } from "./harness/node-diary.ts";
import type { Submission } from "./harness/sidecar-journal.ts";

const SLOW_MS = 90_000;
const PLAN_ID = "0b8a1b1e-6a54-4a0f-9d0c-7d1f0a3c5e77";
const AT = "2026-01-02T03:04:05Z";

describeCluster("a SeiNode whose status somebody else wrote", (cluster) => {
  const { api, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("status");
    const installation = await install(cluster, home);
    await loosenSchema(api, home);
    controller = await startController({ installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["well", "lost", "full", "restless"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
    await install(cluster, home);
  }, SLOW_MS);

  const write = (name: string, status: object) => api.patch(`${seiNodePath(home, name)}/status`, { status });
  const submissions = async (name: string): Promise<readonly Submission[]> =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).flatMap((life) => life.submissions);
  const healed = (name: string, isSo: (node: SeiNodeObject) => boolean) => {
    return untilNode(api, { namespace: home, name, withinMs: 60_000 }, (node) => isAtRest(node) && isSo(node));
  };

  const task = (id: string, type = "mark-ready") => ({ type, id, status: "Pending", params: {} });
  const markReady = taskId(PLAN_ID, "mark-ready", 0);
  test.each([
    ["a task id that is not its own", { id: PLAN_ID, phase: "Active", tasks: [task(PLAN_ID)] }],
    ["a task twice", { id: PLAN_ID, phase: "Active", tasks: [task(markReady), task(markReady)] }],
    ["an id that is none", { id: "hello", phase: "Active", tasks: [task(markReady)] }],
    ["no tasks", { id: PLAN_ID, phase: "Active", tasks: [] }],
    ["a phase that is none", { id: PLAN_ID, phase: "Busy", tasks: [task(markReady)] }],
    [
      "params too big",
      { id: PLAN_ID, phase: "Active", tasks: [{ ...task(markReady), params: { a: "x".repeat(300_000) } }] },
    ],
    [
      "a task of another node",
      { id: PLAN_ID, phase: "Active", tasks: [{ ...task(markReady), params: { nodeName: "lost" } }] },
    ],
    ["text for a list", { id: PLAN_ID, phase: "Active", tasks: "mark-ready" }],
  ])(
    "in its stored plan (%s) has that recorded as CorruptPlan, and nothing is sent for it",
    async (title, plan) => {
      const name = "well";
      await untilNode(api, { namespace: home, name }, isAtRest);
      const before = await submissions(name);
      const known = (await seiNode(api, home, name)).status?.history?.at(-1)?.finishedAt;
      await write(name, { plan });
      const node = await untilNode(
        api,
        { namespace: home, name },
        ({ status }) => (status?.plan ?? null) === null && status?.history?.at(-1)?.finishedAt !== known,
      );
      const last = node.status?.history?.at(-1);
      expect([title, last]).toMatchObject([title, { reason: "CorruptPlan", outcome: "Failed" }]);
      expect(last?.message?.length).toBeLessThan(200);
      await untilProbed(sidecars, { namespace: home, nodes: [name] });
      expect(await submissions(name)).toEqual(before);
      expect(isAtRest(await seiNode(api, home, name))).toBe(true);
      await untilEvents(api, { namespace: home, name }, (reasons) => reasons.includes("PlanFailed"));
    },
    SLOW_MS,
  );

  test(
    "with a task that nobody knows has the plan failed before its first effect; the next one heals",
    async () => {
      const tasks = [task(markReady), task(taskId(PLAN_ID, "brew-coffee", 1), "brew-coffee")];
      await write("well", { plan: { id: PLAN_ID, phase: "Active", targetPhase: "Running", tasks } });
      await sidecars.shut({ namespace: home, nodes: ["well"] });
      const node = await healed("well", ({ status }) => status?.history?.at(-1)?.detector === "sidecar-ready");
      const failed = node.status?.history?.findLast(({ id }) => PLAN_ID.startsWith(id));
      expect((await submissions("well")).map(({ id }) => id)).not.toContain(markReady);
      expect(failed).toMatchObject({ outcome: "Failed" });
      expect(failed?.message).toContain("UNKNOWN_TASK: task type brew-coffee is not known");
    },
    SLOW_MS,
  );

  test.each(["Updating", "", "Pending", "Terminating"])(
    "at phase %p without a plan is found Running, and is not brought up again",
    async (phase) => {
      const before = await submissions("lost");
      await write("lost", { phase, plan: null });
      const node = await healed("lost", ({ metadata }) => metadata.name === "lost");
      expect(node.status?.history?.filter(({ detector }) => detector === "init")).toHaveLength(1);
      expect(await submissions("lost")).toEqual(before);
    },
    SLOW_MS,
  );

  test(
    "without conditions, with two of a kind or with half of one has them mended, and its gate is opened",
    async () => {
      const half = { type: "Half", status: "True" };
      const stale = { ...half, type: "SidecarReady", reason: "", lastTransitionTime: "never" };
      for (const conditions of [null, [], [stale, stale, half, half, 7]]) {
        const known = (await seiNode(api, home, "lost")).status?.history?.at(-1)?.finishedAt;
        await write("lost", { conditions });
        await sidecars.shut({ namespace: home, nodes: ["lost"] });
        const node = await healed("lost", ({ status }) => status?.history?.at(-1)?.finishedAt !== known);
        const types = node.status?.conditions?.map(({ type }) => type) ?? [];
        expect(types).toHaveLength(new Set(types).size);
        expect(conditionOf(node, "Ready")).toBe("True/Ready");
      }
    },
    SLOW_MS,
  );

  test(
    "full to the brim is healed as any other, and nothing of it goes to log or metrics",
    async () => {
      const foreign = Array.from({ length: 200 }, (_none, index) => ({
        type: `Foreign${index}`,
        status: "Unknown",
        reason: "Odd",
        message: index === 0 ? "m".repeat(10_000) : "m".repeat(1000),
        lastTransitionTime: AT,
        observedGeneration: 1,
      }));
      const known = (await seiNode(api, home, "full")).status?.conditions ?? [];
      const annotations = { endless: "a".repeat(250_000) };
      await api.patch(seiNodePath(home, "full"), { metadata: { annotations } });
      await write("full", { conditions: [...known, ...foreign] });
      await sidecars.shut({ namespace: home, nodes: ["full"] });
      const node = await healed("full", ({ status }) => status?.history?.at(-1)?.detector === "sidecar-ready");
      expect(node.status?.conditions).toEqual(expect.arrayContaining(foreign));
      expect(Object.keys(node.metadata.annotations ?? {})).toEqual(["endless"]);
      const metrics = await (await fetch(controller.metricsUrl)).text();
      for (const text of [controller.log(), metrics]) {
        expect(text).not.toContain("Foreign");
        expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(4096);
      }
    },
    SLOW_MS,
  );

  test(
    "or rather its spec, every 100 ms: at most one plan a generation that was seen, and the last one wins",
    async () => {
      const diary = await keepDiary(api, home, "restless");
      for (let change = 0; change < 50; change += 1) {
        await api.patch(seiNodePath(home, "restless"), { spec: { image: `sei:r${change}` } });
        await Bun.sleep(100);
      }
      // A node's Pod is deleted once a minute at most: the last image may have to wait for the next minute.
      const node = await untilNode(
        api,
        { namespace: home, name: "restless", withinMs: 90_000 },
        (one) => isAtRest(one) && one.status?.currentImage === "sei:r49",
      );
      expect(node.status?.observedGeneration).toBe(node.metadata.generation);
      await diary.close();
      const firsts = new Map<string, number | undefined>();
      for (const { status } of diary.versions()) {
        const id = status?.plan?.id;
        if (id !== undefined && !firsts.has(id)) firsts.set(id, status?.observedGeneration);
      }
      expect(firsts.size).toBeGreaterThan(1);
      expect(new Set(firsts.values()).size).toBe(firsts.size);
    },
    2 * SLOW_MS,
  );
});
