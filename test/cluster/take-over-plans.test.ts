/** Plans that the reference left behind: those under way end under the same ids, the others are recorded. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ControllerProcess, type Installation, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { conditionOf, isAtRest, seiNode, seiNodePath, untilNode, untilProbed } from "./harness/fleet.ts";
import type { Pod } from "./harness/pods.ts";
import {
  leaveBehind,
  leftCondition,
  type LeftNode,
  type LeftPlan,
  leftPlan,
  leftRunning,
  pathsOf,
} from "./harness/reference.ts";
import { takenAs } from "./harness/taken-as.ts";

const SLOW_MS = 180_000;
const QUIET_MS = 15_000;
const HEAD = ["ensure-data-pvc", "apply-statefulset", "apply-service"];
const NONE = ["configure-genesis", "config-apply", "config-validate"];
const SYNC = ["configure-genesis", "config-apply", "configure-state-sync", "config-validate"];
const PEERED = SYNC.toSpliced(2, 0, "discover-peers");
const UPDATE = ["apply-statefulset", "apply-service", "observe-image", "mark-ready"];
const CEREMONY = [
  "generate-identity",
  "generate-gentx",
  "upload-genesis-artifacts",
  "configure-genesis",
  "config-apply",
  "set-genesis-peers",
  "config-validate",
];
const PEERS = [{ ec2Tags: { region: "eu-central-1", tags: { ChainIdentifier: "pacific-1" } } }];
const S3 = { s3: { targetHeight: 100 } };
const GENESIS = { chainId: "newborn-1", stakingAmount: "1usei", accountBalance: "9usei" };
/** As the reference persists them. */
const PARAMS = {
  "snapshot-restore": { targetHeight: 100 },
  "config-apply": { mode: "full", overrides: {} },
  "discover-peers": { sources: [{ type: "ec2Tags", ...PEERS[0]?.ec2Tags }] },
  "configure-state-sync": { useLocalSnapshot: true, trustPeriod: "", backfillBlocks: 0 },
  "generate-identity": { chainId: "newborn-1", moniker: "ceremony" },
  "generate-gentx": GENESIS,
  "upload-genesis-artifacts": { nodeName: "ceremony" },
};

interface Case {
  readonly spec?: object;
  readonly plan: Omit<LeftPlan, "isInit" | "params" | "submitted">;
  readonly objects?: LeftNode["objects"];
  /** What the sidecar does with the task that stands as Pending: it has ended, is running, or was never handed over. */
  readonly given?: "ended" | "running";
}

/** Init plans, by kind and by how far they came. */
const INIT: Readonly<Record<string, Case>> = {
  untouched: { plan: { types: [...HEAD, ...NONE, "mark-ready"], done: 0 }, objects: "none" },
  "full-node": { plan: { types: [...HEAD, ...NONE, "mark-ready"], done: 3 }, given: "ended" },
  "at-the-gate": { plan: { types: [...HEAD, ...NONE, "mark-ready"], done: 6 }, given: "ended" },
  "half-applied": { plan: { types: [...HEAD, ...NONE, "mark-ready"], done: 2 } },
  "state-sync": {
    spec: { fullNode: { snapshot: { stateSync: {} } }, peers: PEERS },
    plan: { types: [...HEAD, ...PEERED, "mark-ready"], done: 5 },
    given: "running",
  },
  snapshot: {
    spec: { fullNode: { snapshot: S3 } },
    plan: { types: [...HEAD, "snapshot-restore", ...SYNC, "mark-ready"], done: 3 },
    given: "running",
  },
  replayer: {
    spec: { replayer: { snapshot: S3 }, peers: PEERS },
    plan: { types: [...HEAD, "snapshot-restore", ...PEERED, "mark-ready"], done: 6 },
  },
  archive: {
    spec: { archive: { snapshotGeneration: { tendermint: { keepRecent: 2, publish: {} } } } },
    plan: { types: [...HEAD, ...NONE, "snapshot-upload", "mark-ready"], done: 6 },
    given: "running",
  },
  ceremony: {
    spec: { validator: { genesisCeremony: { ...GENESIS, index: 0 } } },
    plan: { types: [...HEAD, ...CEREMONY, "mark-ready"], done: 3 },
    given: "ended",
  },
  bootstrap: {
    spec: { fullNode: { snapshot: { ...S3, bootstrapImage: "sei:0" } } },
    plan: {
      types: [
        "ensure-data-pvc",
        "deploy-bootstrap-service",
        "deploy-bootstrap-job",
        "snapshot-restore",
        ...SYNC,
        "mark-ready",
        "await-bootstrap-complete",
        "teardown-bootstrap",
        "apply-statefulset",
        "apply-service",
        ...NONE,
        "mark-ready",
      ],
      done: 3,
    },
    objects: "bootstrap",
    given: "running",
  },
};

const specOf = (change: object = { fullNode: {} }) => ({
  chainId: "sei-test",
  image: "sei:1",
  ...("fullNode" in change || "replayer" in change || "archive" in change || "validator" in change
    ? change
    : { fullNode: {}, ...change }),
});

describeCluster("what the reference had under way", (cluster) => {
  const { api, audit, namespace, sidecars } = cluster;
  let home = "";
  let since = 0;
  let installation: Installation;
  let controller: ControllerProcess;
  const place = (name: string) => ({ namespace: home, name });
  const path = (name: string) => pathsOf(place(name));
  const uidOf = async (name: string) => (await api.get(path(name).pod))?.metadata.uid ?? "none";
  const livesOf = (name: string) => sidecars.lives({ namespace: home, nodes: [name] });
  const left = new Map<string, { readonly uid: string; readonly plan: ReturnType<typeof leftPlan> }>();

  /** The sidecar of the node takes the task as the reference handed it over. */
  const hand = async (name: string, plan: ReturnType<typeof leftPlan>, done: number): Promise<void> => {
    const query = `?labelSelector=sei.io/node=${name}`;
    const ip = await eventually(`a sidecar of ${name}`, async () => {
      const [pod] = await api.list<Pod>(`/api/v1/namespaces/${home}/pods${query}`);
      return pod?.status.podIP ?? null;
    });
    const task = plan.tasks[done];
    const body = JSON.stringify({ id: task?.id, type: task?.type, params: task?.params });
    await eventually(`the sidecar of ${name} to take it`, async () => {
      const reply = await fetch(`http://${ip}:7777/v0/tasks`, { method: "POST", body }).catch(() => null);
      return reply?.status === 201;
    });
  };
  const make = async (name: string, one: Case, status: object): Promise<void> => {
    const { plan: at, given, objects = "node" } = one;
    const plan = leftPlan(place(name), { ...at, params: PARAMS, submitted: given !== undefined, isInit: name in INIT });
    if (given === "running") await sidecars.behave({ taskMs: 20_000 }, { namespace: home, nodes: [name] });
    await leaveBehind(api, { ...place(name), spec: specOf(one.spec), status: { ...status, plan }, objects });
    if (given !== undefined) await hand(name, plan, at.done);
    await sidecars.behave({ taskMs: 5 }, { namespace: home, nodes: [name] });
    left.set(name, { uid: await uidOf(name), plan });
  };

  beforeAll(async () => {
    home = await namespace("left");
    since = audit.offset();
    installation = await install(cluster, home);
    const initializing = { phase: "Initializing", phaseTransitionTime: "2026-01-01T00:00:00Z" };
    await Promise.all(Object.entries(INIT).map(([name, one]) => make(name, one, initializing)));
    const updating = leftRunning("sei:0", {
      conditions: [leftCondition("NodeUpdateInProgress", "True", "UpdateStarted")],
    });
    await make("updated", { plan: { types: UPDATE, done: 2 } }, updating);
    await make("update-at-the-gate", { plan: { types: UPDATE, done: 3 }, given: "ended" }, updating);
    await make("update-begun", { plan: { types: UPDATE, done: 0 } }, updating);
    await make(
      "failed",
      { plan: { types: [...HEAD, ...NONE, "mark-ready"], done: 4, phase: "Failed", error: "no disk" } },
      { phase: "Failed" },
    );
    controller = await startController({ installation, flags: ["--probe-interval=1s"] });
  }, SLOW_MS);
  afterAll(async () => {
    await controller.kill();
  }, SLOW_MS);

  const untilTaken = (name: string) =>
    untilNode(
      api,
      { ...place(name), withinMs: 90_000 },
      (node) => isAtRest(node) && node.status?.applied?.service !== undefined && node.status.currentImage === "sei:1",
    );

  test.each(Object.entries(INIT))(
    "init, %s: ends under the same ids, each handed over once, and the node is not rolled after it",
    async (name, { plan: { done }, objects = "node" }) => {
      const node = await untilTaken(name);
      const history = (node.status?.history ?? []).map(({ id, detector, outcome }) => ({ id, detector, outcome }));
      expect(history).toEqual([
        { id: left.get(name)?.plan.id.slice(0, 8) ?? "", detector: "unknown", outcome: "Complete" },
        { id: history[1]?.id ?? "", detector: "workload", outcome: "Complete" },
      ]);
      expect(conditionOf(node, "NodeUpdateInProgress")).toBe("none");
      expect(conditionOf(node, "TakeOver")).toBe("none");
      const given = (await livesOf(name)).flatMap(({ submissions }) => submissions);
      const wanted = left.get(name)?.plan.tasks.filter(({ type }, index) => index >= done && isSidecarTask(type)) ?? [];
      expect(given.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
      if (objects === "node") expect(await uidOf(name)).toBe(left.get(name)?.uid ?? "");
      expect(await livesOf(name)).toHaveLength(objects === "bootstrap" ? 2 : 1);
    },
    SLOW_MS,
  );

  test.each(["updated", "update-at-the-gate"])(
    "update, %s: the reference's own Pod of the new image is the one that is seen, and it is not replaced again",
    async (name) => {
      const node = await untilTaken(name);
      expect(node.status?.history?.map(({ detector, outcome }) => `${detector} ${outcome}`)).toEqual([
        "unknown Complete",
        "workload Complete",
      ]);
      expect(conditionOf(node, "NodeUpdateInProgress")).toBe("False/UpdateComplete");
      const given = (await livesOf(name)).flatMap(({ submissions }) => submissions);
      expect(given.map(({ id }) => id)).toEqual([left.get(name)?.plan.tasks[3]?.id ?? ""]);
      expect(await uidOf(name)).toBe(left.get(name)?.uid ?? "");
    },
    SLOW_MS,
  );

  test(
    "update-begun: a roll-out that was asked for is carried out under its own id",
    async () => {
      const node = await untilTaken("update-begun");
      const [first, ...others] = node.status?.history ?? [];
      expect([first?.id, first?.outcome, others]).toEqual([
        left.get("update-begun")?.plan.id.slice(0, 8) ?? "",
        "Complete",
        [],
      ]);
      expect(await uidOf("update-begun")).not.toBe(left.get("update-begun")?.uid ?? "");
      expect(conditionOf(node, "NodeUpdateInProgress")).toBe("False/UpdateComplete");
    },
    SLOW_MS,
  );

  test(
    "a node that failed stays so, says why in words, and is left alone",
    async () => {
      const node = await untilNode(api, place("failed"), ({ status }) => (status?.plan ?? null) === null);
      expect([node.status?.phase, conditionOf(node, "Stalled")]).toEqual(["Failed", "True/InitFailed"]);
      const stalled = node.status?.conditions?.find(({ type }) => type === "Stalled");
      expect(stalled?.message).toBe("task config-apply: no disk");
      await untilProbed(sidecars, { namespace: home, nodes: ["full-node"] });
      const written = audit
        .mutationsSince(since, "tidekeeper/")
        .filter((entry) => entry.namespace === home && entry.name === "failed");
      // Whether the outcome of its plan is kept is asked first.
      const patches = written.map(({ verb, resource, requestObject }) => [verb, resource, statusOf(requestObject)]);
      expect(patches).toEqual([
        ["patch", "seinodes/status", { outcomes: [] }],
        ["patch", "seinodes/status", expect.objectContaining({ plan: null })],
      ]);
      expect(await uidOf("failed")).toBe(left.get("failed")?.uid ?? "");
      // A person's word starts it anew, as it does for any other.
      await api.patch(seiNodePath(home, "failed"), {
        metadata: { annotations: { "tidekeeper.sei.io/reinitialize": "again" } },
      });
      await untilTaken("failed");
    },
    SLOW_MS,
  );

  test(
    "and then nothing is written",
    async () => {
      for (const name of left.keys()) await untilTaken(name);
      await Bun.sleep(3000);
      const from = audit.offset();
      await Bun.sleep(QUIET_MS);
      const written = audit.mutationsSince(from, "tidekeeper/").filter((entry) => entry.namespace === home);
      expect(written.filter(({ resource }) => resource !== "leases")).toEqual([]);
      expect((await seiNode(api, home, "untouched")).status?.phase).toBe("Running");
    },
    SLOW_MS,
  );
});

function isSidecarTask(type: string): boolean {
  return ![...HEAD, "observe-image"].includes(type) && !type.includes("bootstrap");
}

function statusOf(patch: unknown): unknown {
  return takenAs<{ readonly status?: unknown }>(patch).status;
}
