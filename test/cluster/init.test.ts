/** A new node is brought up on a real control plane. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { taskId } from "../../src/model/index.ts";
import type { KubeObject } from "./harness/admin-api.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import {
  bringUp,
  conditionOf,
  eventReasons,
  fullNode,
  isAtRest,
  seiNode,
  seiNodePath,
  untilEvents,
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";
import { keepDiary } from "./harness/node-diary.ts";
import { nodeObjects } from "./harness/node-objects.ts";
import { podPath } from "./harness/pods.ts";
import { untilTold } from "./harness/told.ts";

const SLOW_MS = 90_000;
const US = "tidekeeper/";

describeCluster("a new node", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("init");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  test(
    "comes to Running without one probe on the way, and no update plan follows",
    async () => {
      const place = { namespace: home, nodes: ["a"] };
      // Slower than the poll, so that a loop that probed an Initializing node would have done it many times.
      await sidecars.behave({ taskMs: 1500 }, place);
      await api.apply(fullNode(home, "a"));
      const looks = await eventually(
        "the gate to be opened",
        async () => {
          const life = (await sidecars.lives(place)).at(-1);
          if (life === undefined) return null;
          const isHandedOver = life.submissions.some(({ type }) => type === "mark-ready");
          if (!isHandedOver) expect(life.probes).toBe(0);
          return isHandedOver ? life : null;
        },
        40_000,
      );
      expect(looks.submissions.map(({ type }) => type)).toEqual([
        "configure-genesis",
        "config-apply",
        "config-validate",
        "mark-ready",
      ]);
      await untilNode(api, { namespace: home, name: "a" }, isAtRest);
      const life = (await sidecars.lives(place)).at(-1);
      // Nobody ever saw this gate shut, not even while the last task ran.
      expect(life?.firstNotReady).toBeNull();
      await untilProbed(sidecars, place);
      const node = await seiNode(api, home, "a");
      expect(node.status?.history?.map(({ detector, outcome }) => `${detector} ${outcome}`)).toEqual(["init Complete"]);
      expect(isAtRest(node)).toBe(true);
      const told = await untilEvents(api, { namespace: home, name: "a" }, (reasons) => reasons.length >= 2);
      expect(told).toEqual(["PhaseTransition", "PhaseTransition"]);
      await sidecars.behave({ taskMs: 5 }, place);
    },
    SLOW_MS,
  );

  test(
    "whose Pod is replaced twice gets a fresh plan id each time, and its task ids follow from the stored plan",
    async () => {
      await bringUp(api, { namespace: home, names: ["b"] });
      const diary = await keepDiary(api, home, "b");
      for (const plans of [1, 2]) {
        await api.remove(podPath(home, "b-0"));
        await untilNode(
          api,
          { namespace: home, name: "b" },
          (node) => isAtRest(node) && node.status?.history?.length === 1 + plans,
        );
      }
      await diary.close();
      const stored = diary.plans();
      expect(new Set(stored.map(({ id }) => id)).size).toBe(2);
      const lives = await sidecars.lives({ namespace: home, nodes: ["b"] });
      expect(lives.slice(1).map(({ submissions }) => submissions.map(({ id }) => id))).toEqual(
        stored.map(({ id }) => [taskId(id, "mark-ready", 0)]),
      );
      const all = lives.flatMap(({ submissions }) => submissions.map(({ id }) => id));
      expect(new Set(all).size).toBe(all.length);
    },
    SLOW_MS,
  );

  test(
    "whose init task fails is Failed for all to see, and is not tried in a loop",
    async () => {
      const place = { namespace: home, nodes: ["c"] };
      await sidecars.behave({ failing: { "config-apply": "boom" } }, place);
      await api.apply(fullNode(home, "c"));
      const node = await untilNode(
        api,
        { namespace: home, name: "c", withinMs: 40_000 },
        ({ status }) => status?.phase === "Failed",
      );
      expect(conditionOf(node, "Stalled")).toBe("True/InitFailed");
      const told = node.status?.conditions?.find(({ type }) => type === "Stalled")?.message;
      expect(told).toBe("task config-apply: SIDECAR_TASK_FAILED: config-apply: boom");
      expect(node.status?.plan ?? null).toBeNull();
      await untilEvents(api, { namespace: home, name: "c" }, (reasons) => reasons.includes("PlanFailed"));
      await untilTold({ api, controller, namespace: home, name: "c" }, "InitFailed");
      // A change enqueues it, and still nothing is sent.
      const since = audit.offset();
      await api.patch(seiNodePath(home, "c"), { metadata: { annotations: { touched: "yes" } } });
      await bringUp(api, { namespace: home, names: ["after-c"] });
      const lives = await sidecars.lives(place);
      expect(lives.map(({ submissions }) => submissions.map(({ type }) => type))).toEqual([
        ["configure-genesis", "config-apply"],
      ]);
      expect(audit.mutationsSince(since, US).filter(({ name }) => name === "c")).toEqual([]);
      expect((await eventReasons(api, home, "c")).filter((reason) => reason === "PlanFailed")).toHaveLength(1);
    },
    SLOW_MS,
  );

  const foreign = (name: string): Readonly<Record<string, KubeObject>> => {
    const [claim, statefulSet] = nodeObjects({ namespace: home, name });
    if (claim === undefined || statefulSet === undefined) throw new Error("want a claim and a StatefulSet");
    const spec = { ...Object(statefulSet["spec"]), replicas: 0 };
    const ports = [{ name: "rpc", port: 1 }];
    return {
      claim,
      statefulSet: { ...statefulSet, spec },
      service: { apiVersion: "v1", kind: "Service", metadata: { namespace: home, name }, spec: { ports } },
    };
  };
  test(
    "beside a claim that nobody owns asks whose data it is, and leaves that alone",
    async () => {
      const name = "foreign-claim";
      const { claim } = foreign(name);
      if (claim === undefined) throw new Error("no claim");
      const { metadata } = await api.apply(claim);
      const since = audit.offset();
      await api.apply(fullNode(home, name));
      await untilNode(api, { namespace: home, name }, (node) => conditionOf(node, "Stalled") === "True/ConsentNeeded");
      const kept = await api.get(await api.pathOf(claim));
      expect([kept?.metadata.uid, kept?.metadata.ownerReferences]).toEqual([metadata.uid, undefined]);
      const ours = audit.mutationsSince(since, US).filter((entry) => entry.namespace === home && entry.name === name);
      expect(ours.filter(({ resource }) => !resource.startsWith("seinodes"))).toEqual([]);
    },
    SLOW_MS,
  );

  test.each([
    ["statefulSet", "apply-statefulset"],
    ["service", "apply-service"],
  ])(
    "beside a %s of somebody else fails with FOREIGN_OBJECT and leaves that alone",
    async (kind, task) => {
      const name = `foreign-${kind.toLowerCase()}`;
      const object = foreign(name)[kind];
      if (object === undefined) throw new Error(`no ${kind}`);
      const { metadata } = await api.apply(object);
      const since = audit.offset();
      await api.apply(fullNode(home, name));
      const node = await untilNode(api, { namespace: home, name }, ({ status }) => status?.phase === "Failed");
      expect(node.status?.history?.at(-1)?.message).toStartWith(`task ${task}: FOREIGN_OBJECT: `);
      const kept = await api.get(await api.pathOf(object));
      expect(kept?.metadata.uid).toBe(metadata.uid ?? "");
      expect(kept?.metadata.ownerReferences).toBeUndefined();
      const resource = { claim: "persistentvolumeclaims", statefulSet: "statefulsets", service: "services" }[kind];
      const ours = audit.mutationsSince(since, US).filter((entry) => entry.namespace === home);
      expect(ours.filter((entry) => entry.resource === resource)).toEqual([]);
    },
    SLOW_MS,
  );
});
