/** Puts the rooms together: caches wake a queue, the queue runs passes, passes read caches and write. */
import { keyOf, type NodeKey, type SeiNode, type SidecarHealth, type Surroundings } from "../model/index.ts";
import { createLoop, type PassPorts } from "../core/index.ts";
import { imageRemark, specGap } from "../drift/index.ts";
import { adopt, applySet, execute, standing, tearDown } from "../executor/index.ts";
import { createClient, type KubeClient, type RequestQueue, parseLean } from "../kube/client/index.ts";
import { createQueue, type Queue } from "../kube/queue/index.ts";
import { shardOf } from "../kube/lease/index.ts";
import { taskDeadlineMs } from "../seinode/plans/index.ts";
import { createBudgets } from "./budgets.ts";
import { type Caches, silentMirrors, startCaches } from "./caches.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { countBy } from "./count-by.ts";
import { executorPorts } from "./executor-ports.ts";
import { importedClaims, type ImportedClaims } from "./imported-claims.ts";
import { liveLook } from "./live-look.ts";
import { liveNodes } from "./live-nodes.ts";
import { nodeFacts, type NodeFacts } from "./node-facts.ts";
import { type NoPods, noPods } from "./no-pod.ts";
import { claimOf } from "./objects.ts";
import { createPeerIndex, type PeerIndex } from "./peer-index.ts";
import { addressOf, healthAt, sidecarOf, sidecarView } from "./sidecars.ts";
import { statusWriter, type StatusWriterOptions } from "./status-writer.ts";
import { surroundings } from "./surroundings.ts";
import { wakeOnChanges } from "./wakes.ts";

export type { ControllerOptions, ControllerReport } from "./controller-options.ts";

/** A controller that mirrors the cluster from the start and works while it leads. */
export interface Controller {
  readonly caches: Caches;
  readonly queue: Queue;
  readonly lanes: RequestQueue;
  /** Whether the node is being worked on. */
  works(key: NodeKey): boolean;
  /** Begins to work on the nodes of these shards, with no memory of them. */
  lead(shards: readonly number[]): void;
  /** Starts no further pass for the shard's nodes; resolves when none is under way. */
  leave(shard: number): Promise<void>;
  /** Starts no further pass; resolves when none is under way. */
  rest(): Promise<void>;
  /** Ends the mirrors too. */
  stop(): Promise<void>;
}

/** Builds the controller and begins to mirror. */
export function createController(options: ControllerOptions): Controller {
  const stopping = new AbortController();
  const caches = startCaches({
    transport: options.api,
    clock: options.clock,
    timers: options.timers,
    random: options.random,
    namespace: options.namespace,
    selector: options.selector,
    report: (report) => options.report.watch(report),
    signal: stopping.signal,
  });
  const client = createClient(options.lanes.over(options.api, "acting"));
  const peers = createPeerIndex(caches.nodes.reader);
  const facts = nodeFacts(options.platform, peers.of);
  const nodesIn = liveNodes(options.lanes.over(options.api, "acting"), stopping.signal);
  const imports = importedClaims({ client, caches, clock: options.clock, nodesIn, wanted: facts.imported });
  const known = noPods({
    api: options.lanes.over(options.api, "telling"),
    clock: options.clock,
    timers: options.timers,
    node: (key) => caches.nodes.reader.get(key),
    around: (node) => surroundings(caches, node),
    wake: (key) => {
      if (!works(key)) return;
      loop.wake(key, "owned");
      queue.add(key, "routine");
    },
    signal: stopping.signal,
  });
  const loop = createLoop({
    // A pass that has only to tidy up waits aside, so that it keeps no gate shut; in a shard that is being left it would.
    ports: passPorts(options, { client, caches, facts, peers, imports, noPods: known }, (lane, { metadata }) => {
      const key = keyOf(metadata);
      if (lane !== "closing" || !works(key)) return options.lanes.enter("opening");
      return queue.aside(options.lanes.enter(lane, shardOfKey(key)));
    }),
    detectors: options.detectors,
    clock: options.clock,
    timers: options.timers,
    random: options.random,
    probeIntervalMs: options.probeIntervalMs,
    passSoon: (key) => queue.add(key, "urgent"),
  });
  const shards = options.shards ?? 1;
  const shardOfKey = (key: NodeKey): number => shardOf(key, shards);
  const working = new Set<number>();
  const works = (key: NodeKey): boolean => working.has(shardOfKey(key));
  const underWay = countBy<number>();
  const pass = async (key: NodeKey): Promise<number | null> => {
    if (!works(key)) return null;
    await imports.look(key, stopping.signal);
    return loop.pass(key, stopping.signal);
  };
  const queue = createQueue({
    clock: options.clock,
    timers: options.timers,
    random: options.random,
    concurrency: options.concurrency,
    run: (key) =>
      underWay.during(shardOfKey(key), async () => {
        if (!works(key)) return undefined;
        const startedAt = options.clock.mono();
        const afterMs = (await loop.glance(key, stopping.signal)) ?? (await pass(key));
        options.report.passed(key, options.clock.mono() - startedAt, false);
        return afterMs === null || !works(key) ? undefined : { afterMs };
      }),
    report: ({ key, failures }) => {
      options.report.passed(key, failures, true);
      options.report.queue.retried();
    },
    onAdd: options.report.queue.added,
    onTurn: options.report.queue.waited,
    onDone: options.report.queue.worked,
  });
  let unsubscribe: (() => void) | null = null;
  // Not before there is work: each change of the first lists would be read once more, for nobody.
  const subscribe = (): (() => void) =>
    wakeOnChanges(caches, (key, cause) => {
      if (!works(key)) return;
      loop.wake(key, cause);
      queue.add(key, cause === "pod" || cause === "node" ? "urgent" : "routine");
    });
  const keysIn = (isMeant: (key: NodeKey) => boolean): readonly NodeKey[] =>
    [...caches.nodes.reader.keys()].filter(isMeant);
  const rest = async (): Promise<void> => {
    working.clear();
    unsubscribe?.();
    await queue.shutdown();
    // Whoever rests waits for nobody either.
    loop.reset();
  };
  return {
    caches,
    queue,
    lanes: options.lanes,
    works,
    lead(some) {
      unsubscribe ??= subscribe();
      for (const shard of some) working.add(shard);
      const isMeant = (key: NodeKey): boolean => some.includes(shardOfKey(key));
      loop.reset(isMeant);
      imports.forget();
      for (const key of keysIn(isMeant)) queue.add(key);
    },
    async leave(shard) {
      working.delete(shard);
      options.lanes.hasten(shard);
      const isMeant = (key: NodeKey): boolean => shardOfKey(key) === shard;
      for (const key of keysIn(isMeant)) queue.remove(key);
      await underWay.none(shard);
      // It may have come back meanwhile.
      if (!working.has(shard)) loop.reset(isMeant);
    },
    rest,
    async stop() {
      await rest();
      stopping.abort();
      await Promise.all([...caches.reflectors.values()].map((reflector) => reflector.stopped));
    },
  };
}

interface Parts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly facts: NodeFacts;
  readonly peers: PeerIndex;
  readonly imports: ImportedClaims;
  readonly noPods: NoPods;
}

function passPorts(
  options: ControllerOptions,
  { client, caches, facts, peers, imports, noPods: lacking }: Parts,
  turn: StatusWriterOptions["turn"],
): PassPorts {
  const count = options.shards ?? 1;
  const parts = { count, of: (key: NodeKey) => shardOf(key, count) };
  const budgets = createBudgets({ ...options, nodes: caches.nodes.reader, parts });
  const around = (node: SeiNode): Surroundings => {
    const found = surroundings(caches, node);
    const imported = imports.claimOf(node);
    const claim = imported === undefined ? found.claim : imported;
    return { ...found, claim, sidecarImage: facts.sidecarImage(node) };
  };
  const writer = statusWriter(
    { client, direct: createClient(options.api, parseLean), turn, mayWrite: options.mayWrite },
    caches.nodes,
  );
  const access = { route: options.route, direct: options.direct, api: options.api, portOf: facts.sidecarPort };
  const mayAct = (node: SeiNode): boolean => options.mode === "act" && options.mayWrite(node);
  const probed = (namespace: string, { state }: SidecarHealth, tookMs: number): void =>
    options.report.probed(namespace, OUTCOMES[state], tookMs);
  const { clock, timers } = options;
  const executor = executorPorts({ client, caches, facts, imports, writer, access, clock, timers, around, mayAct });
  return {
    node: (key) => caches.nodes.reader.get(key),
    refresh: (key) => writer.refresh(key),
    refreshAround: (key) => liveLook({ client, caches, refresh: (same) => writer.refresh(same) }, key),
    surroundings: around,
    remark: imageRemark,
    trouble: (node, objects) => objects.pod?.trouble ?? lacking.of(node, objects),
    specGap,
    initFields: (node) => facts.initFields(node),
    claimOf: (node, name) => claimOf(executor.objects, node, name),
    silent: () => silentMirrors(caches, options.clock.mono()),
    standing: (node) => standing(node, executor),
    adopt: (node, found) => adopt(node, found, executor),
    sidecar: (node, objects, deadlineMs) =>
      sidecarView(sidecarOf(access, node, objects), { deadlineMs, clock: options.clock }, (health, tookMs) =>
        probed(node.metadata.namespace, health, tookMs),
      ),
    address: (node, objects) => addressOf(access, node, objects),
    async ask(where, limits) {
      const from = options.clock.mono();
      const health = await healthAt(access, where, limits);
      probed(where.namespace, health, options.clock.mono() - from);
      return health;
    },
    accepts: (node) => facts.accepts(node),
    initPlan: (node) => facts.initPlan(node),
    taskLimitMs: taskDeadlineMs,
    patchStatus: (node, status) => writer.patch(node, status),
    execute: (context) => execute(context, executor),
    setFinalizers: (node, finalizers) => writer.setFinalizers(node, finalizers),
    applyStatefulSet: (node) => applySet(node, executor),
    tearDown: (node) => tearDown(node, executor),
    derivedStatus: (node) => facts.derivedStatus(node),
    peersVersion: () => peers.version(),
    readsAnew: (node) => facts.imported(node) !== null,
    admit: (node, budget) => budgets.admit(node, budget),
    send: options.send,
    mayWrite: options.mayWrite,
    mayAct,
    report: options.report,
  };
}

/** How a probe is counted. */
const OUTCOMES = {
  ready: "ready",
  notReady: "not_ready",
  unreachable: "unreachable",
  probeError: "probe_error",
} as const;
