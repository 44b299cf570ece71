/** A SeiNode that a laxer schema let in harms no other. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { bringUp, conditionOf, fullNode, isAtRest, seiNodePath, untilNode, untilProbed } from "./harness/fleet.ts";
import { loosenSchema, untilStrict } from "./harness/loose-schema.ts";
import { untilTold } from "./harness/told.ts";

const SLOW_MS = 90_000;
const US = "tidekeeper/";
const MERGE = "application/merge-patch+json";

describeCluster("a SeiNode that its schema should have refused", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;

  beforeAll(async () => {
    home = await namespace("bad");
    const installation = await install(cluster, home);
    await loosenSchema(api, home);
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
    ["mode-null", { ...base, fullNode: null }],
    ["spec-list", { ...base, fullNode: {}, peers: { static: {} } }],
    ["image-latest", { ...base, image: "latest", fullNode: {} }],
    ["image-endless", { ...base, image: "a".repeat(5000), fullNode: {} }],
    ["image-digest", { ...base, image: "sei@sha256:abc", fullNode: {} }],
    ["paused-yes", { ...base, paused: "yes", fullNode: {} }],
    ["height-rounded", { ...base, fullNode: { snapshot: { s3: { targetHeight: 2 ** 60 } } } }],
    ["height-fraction", { ...base, fullNode: { snapshot: { s3: { targetHeight: 1.5 } } } }],
    ["height-null", { ...base, fullNode: { snapshot: { s3: { targetHeight: null } } } }],
    ["label-object", { ...base, fullNode: {}, podLabels: { a: { b: "c" } } }],
    ["n".repeat(61), { ...base, fullNode: {} }],
    ["rpc.one", { ...base, fullNode: {} }],
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
      expect(message).toMatch(/^(?:spec|metadata\.name)[.:]/);
      expect(message.length).toBeLessThan(300);
      expect(message).not.toContain("\n");
      if (name === "rpc.one") await untilTold({ api, controller, namespace: home, name }, "InvalidSpec");
      await untilProbed(sidecars, { namespace: home, nodes: ["well"], more: 1 });
      const written = audit.mutationsSince(since, US).filter((entry) => entry.namespace === home);
      expect(written.filter((entry) => !["seinodes/status", "leases", "events"].includes(entry.resource))).toEqual([]);
      expect(written.filter((entry) => entry.name === name && entry.resource === "seinodes/status")).toHaveLength(1);
    },
    SLOW_MS,
  );

  test(
    "but for keys that reach a prototype is brought up, and those keys go nowhere",
    async () => {
      const overrides: unknown = JSON.parse('{"__proto__":"x","constructor":"y","evm.http_enabled":"true"}');
      await api.apply({ ...fullNode(home, "prototype"), spec: { ...base, fullNode: {}, overrides } });
      await untilNode(api, { namespace: home, name: "prototype", withinMs: 60_000 }, isAtRest);
      const life = (await sidecars.lives({ namespace: home, nodes: ["prototype"] })).at(-1);
      const applied = life?.submissions.find(({ type }) => type === "config-apply")?.body ?? "";
      expect(JSON.parse(applied).params.overrides).toEqual({ "evm.http_enabled": "true" });
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

  test(
    "that was stored before the schema came is told all the same once it is there, and its status can be written",
    async () => {
      await install(cluster, home);
      await untilStrict(api, home);
      // Somebody else's write, so that there is something to be told again.
      await api.patch(`${seiNodePath(home, "two-modes")}/status`, { status: { conditions: [] } });
      const place = { namespace: home, name: "two-modes" };
      const node = await untilNode(api, place, (one) => conditionOf(one, "Stalled") === "True/InvalidSpec");
      expect(conditionOf(node, "Ready")).toBe("False/InvalidSpec");
      const refused = await api.request("PATCH", seiNodePath(home, "two-modes"), { spec: { validator: {} } }, MERGE);
      expect(refused.status).toBe(422);
      await api.patch(seiNodePath(home, "two-modes"), { spec: { archive: null } });
      await untilNode(api, { ...place, withinMs: 60_000 }, isAtRest);
    },
    SLOW_MS,
  );
});
