import { afterAll, beforeAll, expect, test } from "bun:test";
import { taskId } from "../../src/core/task-id.ts";
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
  untilNode,
  untilProbed,
} from "./harness/fleet.ts";

const SLOW_MS = 90_000;
const US = "tidekeeper/";
const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seinodes.sei.io";
const PLAN_ID = "0b8a1b1e-6a54-4a0f-9d0c-7d1f0a3c5e77";
const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

interface Definition {
  readonly spec: { readonly versions: readonly { readonly name: string }[] };
}

describeCluster("a SeiNode that its schema should have refused", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("bad");
    const installation = await install(cluster, home);
    // As a cluster whose CRD checks nothing.
    const crd = await api.get<Definition>(CRD);
    const schema = { openAPIV3Schema: { type: "object", properties: { spec: ANYTHING, status: ANYTHING } } };
    await api.patch(CRD, { spec: { versions: crd?.spec.versions.map((version) => ({ ...version, schema })) } });
    await eventually("the loose schema to be served", async () => {
      const probe = { ...fullNode(home, "probe"), spec: { image: 5 } };
      const path = `/apis/sei.io/v1alpha1/namespaces/${home}/seinodes?dryRun=All`;
      return (await api.request("POST", path, probe)).status === 201;
    });
    controller = await startController({ installation, flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: ["well", "patient"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
    await install(cluster, home);
  }, SLOW_MS);

  const base = { chainId: "sei-test", image: "sei:1" };
  test.each([
    ["image-number", { ...base, image: 5, fullNode: {} }],
    ["image-words", { ...base, image: "no image at all", fullNode: {} }],
    ["no-image", { chainId: "sei-test", fullNode: {} }],
    ["two-modes", { ...base, fullNode: {}, archive: {} }],
    ["no-mode", base],
    ["chain-list", { ...base, chainId: ["a"], fullNode: {} }],
    ["port-text", { ...base, fullNode: {}, sidecar: { port: "seven" } }],
    ["mode-text", { ...base, fullNode: "yes" }],
  ])(
    "%s: is told InvalidSpec once, in one line, and nothing is written for it",
    async (name, spec) => {
      const since = audit.offset();
      await api.apply({ ...fullNode(home, name), spec });
      const node = await untilNode(
        api,
        { namespace: home, name },
        (one) => conditionOf(one, "Stalled") === "True/InvalidSpec",
      );
      expect(conditionOf(node, "Ready")).toBe("False/InvalidSpec");
      const message = node.status?.conditions?.find(({ type }) => type === "Stalled")?.message ?? "";
      expect(message).toMatch(/^spec[.:]/);
      expect(message).not.toContain("\n");
      await untilProbed(sidecars, { namespace: home, nodes: ["well"], more: 1 });
      const written = audit.mutationsSince(since, US).filter((entry) => entry.namespace === home);
      expect(written.filter((entry) => !["seinodes/status", "leases", "events"].includes(entry.resource))).toEqual([]);
      expect(written.filter((entry) => entry.name === name && entry.resource === "seinodes/status")).toHaveLength(1);
    },
    SLOW_MS,
  );

  test(
    "holds no neighbour up: beside all of these a shut gate is opened",
    async () => {
      await sidecars.shut({ namespace: home, nodes: ["well"] });
      const place = { namespace: home, name: "well" };
      const node = await untilNode(api, place, (one) => isAtRest(one) && one.status?.history?.length === 2);
      expect(node.status?.history?.map(({ detector }) => detector)).toEqual(["init", "sidecar-ready"]);
    },
    SLOW_MS,
  );

  test(
    "because its spec was spoilt later keeps its objects as they are, and heals when it is mended",
    async () => {
      const since = audit.offset();
      await api.patch(seiNodePath(home, "patient"), { spec: { image: 5 } });
      const place = { namespace: home, name: "patient" };
      await untilNode(api, place, (node) => conditionOf(node, "Stalled") === "True/InvalidSpec");
      await sidecars.shut({ namespace: home, nodes: ["patient"] });
      await untilProbed(sidecars, { namespace: home, nodes: ["well"] });
      const written = audit.mutationsSince(since, US).filter((entry) => entry.namespace === home);
      expect(written.filter((entry) => !["seinodes/status", "leases", "events"].includes(entry.resource))).toEqual([]);
      const before = (await sidecars.lives({ namespace: home, nodes: ["patient"] })).at(-1);
      expect(before?.submissions).toHaveLength(4);
      await api.patch(seiNodePath(home, "patient"), { spec: { image: "sei:1" } });
      // The mended spec is a new generation, from which the objects are applied too.
      const node = await untilNode(api, place, (one) => isAtRest(one) && one.status?.history?.length === 3);
      expect(conditionOf(node, "Stalled")).toBe("False/NotStalled");
      expect(node.status?.history?.map(({ detector }) => detector)).toEqual(["init", "sidecar-ready", "workload"]);
    },
    SLOW_MS,
  );

  const task = (id: string, type = "mark-ready") => ({ type, id, status: "Pending", params: {} });
  const markReady = taskId(PLAN_ID, "mark-ready", 0);
  test.each([
    ["a task id that is not its own", { id: PLAN_ID, phase: "Active", tasks: [task(PLAN_ID)] }],
    ["an id that is none", { id: "hello", phase: "Active", tasks: [task(markReady)] }],
    ["no tasks", { id: PLAN_ID, phase: "Active", tasks: [] }],
    ["a phase that is none", { id: PLAN_ID, phase: "Busy", tasks: [task(markReady)] }],
    [
      "a task of another node",
      { id: PLAN_ID, phase: "Active", tasks: [{ ...task(markReady), params: { nodeName: "patient" } }] },
    ],
    ["text for a list", { id: PLAN_ID, phase: "Active", tasks: "mark-ready" }],
  ])(
    "in its stored plan (%s) has that recorded as CorruptPlan, and nothing is sent for it",
    async (title, plan) => {
      const name = "well";
      await untilNode(api, { namespace: home, name }, isAtRest);
      const before = (await sidecars.lives({ namespace: home, nodes: [name] })).at(-1);
      const known = (await seiNode(api, home, name)).status?.history?.at(-1)?.finishedAt;
      await api.patch(`${seiNodePath(home, name)}/status`, { status: { plan } });
      const node = await untilNode(
        api,
        { namespace: home, name },
        ({ status }) => (status?.plan ?? null) === null && status?.history?.at(-1)?.finishedAt !== known,
      );
      expect([title, node.status?.history?.at(-1)]).toMatchObject([
        title,
        { reason: "CorruptPlan", outcome: "Failed" },
      ]);
      await untilProbed(sidecars, { namespace: home, nodes: [name] });
      const after = (await sidecars.lives({ namespace: home, nodes: [name] })).at(-1);
      expect(after?.submissions).toEqual(before?.submissions ?? []);
      expect(isAtRest(await seiNode(api, home, name))).toBe(true);
      expect(await eventReasons(api, home, name)).toContain("PlanFailed");
    },
    SLOW_MS,
  );
});
