/**
 * The loop: what is remembered of each node between reconciles, and who is asked meanwhile. Source:
 * docs/design/0001-the-loop.md.
 *
 * The caller (a keyed queue) sees to it that a key never has two reconciles at once.
 */
import { namespaceOf, type NodeKey, type ReconcileReport, type RegisteredDetector } from "../model/index.ts";
import type { Clock, Random, Timers } from "../base/index.ts";
import type { LoopParts } from "./context.ts";
import { readinessOf } from "./gate-condition.ts";
import { type IdleNode, isIdle, probeIdle } from "./idle-node.ts";
import { NodeMemory, type Trigger } from "./node-memory.ts";
import { observeBy } from "./observe.ts";
import type { Ports } from "./ports.ts";
import { reconcile } from "./reconcile.ts";
import { createStartupProbes } from "./startup-probes.ts";
import { createSteadyClock } from "./steady-clock.ts";

/** What the loop is built from. */
export interface LoopOptions {
  readonly ports: Ports;
  readonly report: ReconcileReport;
  readonly detectors: readonly RegisteredDetector[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Milliseconds between two observations when no event asks for one. */
  readonly probeIntervalMs: number;
  /** Makes the node's next reconcile due now; called between reconciles. */
  readonly enqueue: (key: NodeKey) => void;
}

/** The loop: told what changed, asked to reconcile. */
export interface Loop {
  /** Notes why a node wants a reconcile; the caller puts the key on its queue. */
  trigger(key: NodeKey, trigger: Trigger): void;
  /**
   * Asks the sidecar of an idle node, which is all that its next observation would do. Resolves with the milliseconds
   * until the next probe, or with null when the node is to be reconciled: it is not idle, or no longer.
   */
  probeIdle(key: NodeKey, signal: AbortSignal): Promise<number | null>;
  /** Reconciles. Resolves with the milliseconds until the next time is wanted; null = only by event. Never rejects on expected failure. */
  reconcile(key: NodeKey, signal: AbortSignal): Promise<number | null>;
  /** Forgets the nodes that are meant, all of them unless said otherwise: another may have worked on them since. */
  reset(isMeant?: (key: NodeKey) => boolean): void;
}

/** Builds the loop. */
export function createLoop(options: LoopOptions): Loop {
  const { detectors, random, timers, probeIntervalMs, report } = options;
  const clock = createSteadyClock(options.clock);
  const memories = new Map<NodeKey, NodeMemory | IdleNode>();
  const startupProbes = createStartupProbes({
    sidecars: options.ports.sidecars,
    clock,
    timers,
    answered({ key, memory, address }, { health, askedAt }) {
      // A trigger since the last reconcile may be of a life that was not asked.
      if (health.state === "notReady" && !memory.isTriggered) memory.sawShut({ ...address, health, askedAt });
      observeBy(detectors, memory, clock.mono());
      options.enqueue(key);
    },
  });
  const readiness = readinessOf(detectors);
  const startedAt = options.clock.mono();
  const times = { clock, timers, random, probeIntervalMs, startedAt };
  const loop: LoopParts = { ...options.ports, ...times, report, detectors, readiness, startupProbes };
  const forget = (key: NodeKey): void => {
    startupProbes.end(memories.get(key)?.uid ?? "");
    memories.delete(key);
  };
  const keep = (key: NodeKey, memory: NodeMemory): NodeMemory => {
    memories.set(key, memory);
    return memory;
  };
  const remember = (key: NodeKey, uid: string): NodeMemory => {
    const known = memories.get(key);
    if (known?.uid === uid) return isIdle(known) ? keep(key, NodeMemory.ofIdle(known)) : known;
    forget(key);
    return keep(key, new NodeMemory(uid));
  };
  return {
    trigger(key, trigger) {
      const known = memories.get(key);
      if (known !== undefined) remember(key, known.uid).trigger(trigger, clock.mono());
    },
    async probeIdle(key, signal) {
      const idle = memories.get(key);
      if (idle === undefined || !isIdle(idle)) return null;
      const askedAt = clock.mono();
      const seen = await probeIdle(loop, { namespace: namespaceOf(key), idle }, signal);
      // Meanwhile it may have been triggered, or forgotten.
      if (memories.get(key) !== idle) return null;
      if (seen === null || typeof seen === "number") return seen;
      const { host, port } = idle;
      keep(key, NodeMemory.ofIdle(idle)).sawShut({ host, port, health: seen, askedAt });
      return null;
    },
    async reconcile(key, signal) {
      const node = loop.reader.node(key);
      if (node === null) {
        forget(key);
        return null;
      }
      const memory = remember(key, node.metadata.uid);
      startupProbes.end(memory.uid);
      const { afterMs, idle } = await reconcile(loop, { node, memory, signal });
      // Meanwhile it may have been forgotten.
      if (idle !== null && memories.get(key) === memory) memories.set(key, idle);
      return afterMs;
    },
    reset(isMeant = () => true) {
      for (const key of memories.keys()) if (isMeant(key)) forget(key);
    },
  };
}
