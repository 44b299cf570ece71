/** Puts the rooms together: caches enqueue nodes, the queue runs the loop, the loop reads caches and writes. */
import { keyOf, type NodeKey } from "../model/index.ts";
import { createLoop } from "../core/index.ts";
import { createClient, type RequestQueue } from "../kube/client/index.ts";
import { createQueue, type Queue } from "../kube/queue/index.ts";
import { shardOf } from "../kube/lease/index.ts";
import { type Caches, startCaches } from "./caches.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { countBy } from "./count-by.ts";
import { importedClaims } from "./imported-claims.ts";
import { liveNodes } from "./live-nodes.ts";
import { loopPorts } from "./loop-ports.ts";
import { nodeFacts } from "./node-facts.ts";
import { noPods } from "./no-pod.ts";
import { createPeerIndex } from "./peer-index.ts";
import { ownedObjects } from "./owned-objects.ts";
import { triggerOnChanges } from "./triggers.ts";

export type { ControllerOptions, ControllerReport } from "./controller-options.ts";

/** A controller that mirrors the cluster from the start and works while it leads. */
export interface Controller {
  readonly caches: Caches;
  readonly queue: Queue;
  readonly requests: RequestQueue;
  /** Whether the node is being worked on. */
  works(key: NodeKey): boolean;
  /** Begins to work on the nodes of these shards, with no memory of them. */
  lead(shards: readonly number[]): void;
  /** Starts no further reconcile for the shard's nodes; resolves when none is under way. */
  leave(shard: number): Promise<void>;
  /** Starts no further reconcile; resolves when none is under way. */
  rest(): Promise<void>;
  /** Ends the mirrors too. */
  stop(): Promise<void>;
}

/**
 * Builds the controller and begins to mirror. Each part needs the ones before it: mirrors, queue, facts about nodes, loop.
 * Last, the queue is told what it runs.
 */
export function createController(options: ControllerOptions): Controller {
  const { clock, timers, random, requests, report } = options;
  const stopping = new AbortController();
  const count = options.shards ?? 1;
  const shardOfKey = (key: NodeKey): number => shardOf(key, count);
  const working = new Set<number>();
  const works = (key: NodeKey): boolean => working.has(shardOfKey(key));
  const caches = startCaches({
    transport: options.api,
    clock,
    timers,
    random,
    namespace: options.namespace,
    selector: options.selector,
    report: (told) => report.watch(told),
    signal: stopping.signal,
  });
  const queue = createQueue({
    clock,
    timers,
    random,
    concurrency: options.concurrency,
    report: ({ key, failures }) => {
      report.reconciled(key, failures, true);
      report.queue.retried();
    },
    onAdd: report.queue.added,
    onTurn: report.queue.waited,
    onDone: report.queue.worked,
  });
  const client = createClient(requests.over(options.api, "acting"));
  const peers = createPeerIndex(caches.nodes.reader);
  const facts = nodeFacts(options.platform, peers.of);
  const nodesIn = liveNodes(requests.over(options.api, "acting"), stopping.signal);
  const imports = importedClaims({ client, caches, clock, nodesIn, wanted: facts.imported });
  const lacking = noPods({
    api: requests.over(options.api, "telling"),
    clock,
    timers,
    node: (key) => caches.nodes.reader.get(key),
    owned: (node) => ownedObjects(caches, node),
    signal: stopping.signal,
  });
  const ports = loopPorts(options, {
    client,
    caches,
    facts,
    peers,
    imports,
    noPods: lacking,
    parts: { count, of: shardOfKey },
    // A patch that only tidies up waits aside, so that it keeps no gate shut. In a shard that is being left, waiting would.
    turn(priority, { metadata }) {
      const key = keyOf(metadata);
      if (priority !== "closing" || !works(key)) return requests.enter("opening");
      return queue.aside(requests.enter(priority, shardOfKey(key)));
    },
  });
  const { detectors, probeIntervalMs } = options;
  const enqueue = (key: NodeKey): void => queue.add(key, "urgent");
  const loop = createLoop({ ports, report, detectors, clock, timers, random, probeIntervalMs, enqueue });
  const reconcile = async (key: NodeKey): Promise<number | null> => {
    if (!works(key)) return null;
    await imports.refreshDue(key, stopping.signal);
    return loop.reconcile(key, stopping.signal);
  };
  const underWay = countBy<number>();
  queue.start((key) =>
    underWay.during(shardOfKey(key), async () => {
      if (!works(key)) return undefined;
      const startedAt = clock.mono();
      const afterMs = (await loop.probeIdle(key, stopping.signal)) ?? (await reconcile(key));
      report.reconciled(key, clock.mono() - startedAt, false);
      return afterMs === null || !works(key) ? undefined : { afterMs };
    }),
  );
  let unsubscribe: (() => void) | null = null;
  // Subscribes only once there is work: before, each object of the first lists would be read once more for nothing.
  const subscribe = (): (() => void) =>
    triggerOnChanges({ caches, noPods: lacking }, (key, trigger) => {
      if (!works(key)) return;
      loop.trigger(key, trigger);
      queue.add(key, trigger === "pod" || trigger === "node" ? "urgent" : "routine");
    });
  const keysIn = (isMeant: (key: NodeKey) => boolean): readonly NodeKey[] =>
    [...caches.nodes.reader.keys()].filter(isMeant);
  const rest = async (): Promise<void> => {
    working.clear();
    unsubscribe?.();
    await queue.shutdown();
    // Startup probes end too.
    loop.reset();
  };
  return {
    caches,
    queue,
    requests,
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
      requests.hasten(shard);
      const isMeant = (key: NodeKey): boolean => shardOfKey(key) === shard;
      for (const key of keysIn(isMeant)) queue.remove(key);
      await underWay.none(shard);
      // The shard may have come back meanwhile.
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
