/** A status that was wiped, whole or in part: a node that runs is never taken for a new one. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
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

const SLOW_MS = 120_000;
const FIELDS = [
  "applied",
  "conditions",
  "currentImage",
  "currentSidecarImage",
  "dataVolume",
  "history",
  "observedGeneration",
  "phaseTransitionTime",
  "plan",
  "readinessTransitions",
  "rolledOutPod",
];
const PARTS: readonly (readonly [string, object | null])[] = [
  ["whole", null],
  ["phase", { phase: null }],
  ["phase-and-volume", { phase: null, dataVolume: null }],
  ["volume", { dataVolume: null }],
  // A merge patch names what goes; the phase stays.
  ["all-but-phase", Object.fromEntries(FIELDS.map((name) => [name, null]))],
];

describeCluster("a SeiNode whose status was lost", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let controller: ControllerProcess;
  const open = PARTS.map(([name]) => `open-${name}`);
  const shut = PARTS.map(([name]) => `shut-${name}`);

  beforeAll(async () => {
    home = await namespace("lost");
    controller = await startController({ installation: await install(cluster, home), flags: ["--probe-interval=1s"] });
    await sidecars.behave({ startDelayMs: [0, 0] }, { namespace: home });
    await bringUp(api, { namespace: home, names: [...open, ...shut, "anew"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const wipe = (name: string, status: object | null) => api.patch(`${seiNodePath(home, name)}/status`, { status });
  const submissions = async (name: string): Promise<readonly string[]> =>
    (await sidecars.lives({ namespace: home, nodes: [name] })).flatMap((life) =>
      life.submissions.map(({ type }) => type),
    );
  const claimOf = (name: string) => api.get(`/api/v1/namespaces/${home}/persistentvolumeclaims/data-${name}`);
  const annotate = (name: string, annotations: object) =>
    api.patch(seiNodePath(home, name), { metadata: { annotations } });
  const untilLost = (name: string) =>
    untilNode(
      api,
      { namespace: home, name, withinMs: 30_000 },
      (node) => conditionOf(node, "Stalled") === "True/StatusLost",
    );

  test.each(PARTS)(
    "(%s) behind an open gate is found Running on its claim, and nothing is posted to it",
    async (part, status) => {
      const name = `open-${part}`;
      const sent = await submissions(name);
      await wipe(name, status);
      const node = await untilNode(
        api,
        { namespace: home, name, withinMs: 30_000 },
        (one) => isAtRest(one) && one.status?.dataVolume !== undefined,
      );
      const claim = await claimOf(name);
      expect(node.status?.dataVolume?.uid).toBe(claim?.metadata.uid ?? "none");
      await untilProbed(sidecars, { namespace: home, nodes: [name] });
      expect(await submissions(name)).toEqual(sent);
    },
    SLOW_MS,
  );

  test.each(PARTS)(
    "(%s) behind a shut gate is left alone until a person accepts its claim",
    async (part, status) => {
      const name = `shut-${part}`;
      const sent = await submissions(name);
      // Both at once, as far as the program can see: what it would heal meanwhile is no part of this.
      await controller.kill("SIGSTOP");
      await sidecars.shut({ namespace: home, nodes: [name] });
      await wipe(name, status);
      const since = audit.offset();
      await controller.kill("SIGCONT");
      await untilLost(name);
      await Bun.sleep(2500);
      expect(await submissions(name)).toEqual(sent);
      const written = audit.mutationsSince(since, "tidekeeper/").filter((entry) => entry.name.includes(name));
      expect(
        new Set(written.map(({ resource }) => resource)).difference(new Set(["seinodes/status", "events"])),
      ).toEqual(new Set());
      const claim = await claimOf(name);
      await annotate(name, { "tidekeeper.sei.io/accept-data-volume": claim?.metadata.uid ?? "" });
      const isReady = (one: SeiNodeObject): boolean => isAtRest(one) && conditionOf(one, "Ready") === "True/Ready";
      await untilNode(api, { namespace: home, name, withinMs: 30_000 }, isReady);
      expect(await submissions(name)).toEqual([...sent, "mark-ready"]);
    },
    SLOW_MS,
  );

  test(
    "in the middle of its init is not begun anew",
    async () => {
      await sidecars.behave({ startDelayMs: [60_000, 60_000] }, { namespace: home, nodes: ["early"] });
      await api.apply(fullNode(home, "early"));
      await untilNode(
        api,
        { namespace: home, name: "early" },
        ({ status }) => status?.plan?.tasks[2]?.status === "Complete",
      );
      const { status } = await seiNode(api, home, "early");
      await wipe("early", null);
      const node = await untilLost("early");
      expect([node.status?.plan ?? null, await submissions("early")]).toEqual([null, []]);
      expect(node.status?.dataVolume).toBeUndefined();
      expect(status?.dataVolume).toBeDefined();
    },
    SLOW_MS,
  );

  test(
    "is initialised anew for a word of a person's that came after the loss was told",
    async () => {
      await annotate("anew", { "tidekeeper.sei.io/reinitialize": "long-ago" });
      await controller.kill("SIGSTOP");
      await sidecars.shut({ namespace: home, nodes: ["anew"] });
      await wipe("anew", null);
      await controller.kill("SIGCONT");
      await untilLost("anew");
      const sent = await submissions("anew");
      await annotate("anew", { "tidekeeper.sei.io/reinitialize": "now" });
      await untilNode(api, { namespace: home, name: "anew", withinMs: 40_000 }, isAtRest);
      expect((await submissions("anew")).length).toBeGreaterThan(sent.length + 1);
    },
    SLOW_MS,
  );
});
