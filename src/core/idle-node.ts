/**
 * Idle nodes. Only the sidecar's answer can have changed, since everything else enqueues the node. So when the next
 * observation is due, the sidecar alone is probed, and nothing is read. While the gate is open that is all. Any other
 * answer, a trigger, or a plugin that wants to judge makes a reconcile due: nothing is decided here. Source:
 * docs/design/0018-idle-nodes.md.
 */
import { jitter } from "../base/index.ts";
import { conditionOf, isTrue, type NodeStatus, type RegisteredDetector } from "../model/index.ts";
import type { LoopParts, ReconcileContext } from "./context.ts";
import { isGateOpen, type Readiness } from "./gate-condition.ts";
import { jitterInterval } from "./observe.ts";
import type { Kept, NodeMemory, ShutGate } from "./node-memory.ts";
import type { SidecarAddress } from "./ports.ts";
import { PROBE_DEADLINE_MS } from "./probe-pace.ts";

/** All that is remembered of an idle node, and where its sidecar is. Ten thousand of them are a part of our memory. */
export interface IdleNode extends SidecarAddress, Kept {
  /** Monotonic milliseconds; then it is reconciled whatever is seen, in case a trigger was missed. */
  readonly untilMono: number;
  /** `peersVersion` of the last reconcile; null when the status of the node follows from no other node. */
  readonly peersAt: number | null;
}

/** Whether what is remembered is an idle node. */
export function isIdle(known: NodeMemory | IdleNode): known is IdleNode {
  return "untilMono" in known;
}

/** On average; it differs from node to node and from time to time. */
const RECONCILE_EVERY_MS = 300_000;

/** What is kept of a node whose reconcile ends with nothing to do and nothing to wait for; null where there is something. */
export function idleNodeOf({ loop, memory, node, owned, next, peersVersion }: ReconcileContext): IdleNode | null {
  const { clock, random, detectors, sidecars, facts, readiness } = loop;
  const { conditions, resolvedPeers = null } = node.status;
  if (!memory.isWell || !isReady(node.status, readiness) || isTrue(conditions, "Drift")) return null;
  if (next.isExpectant || memory.isTriggered || facts.readsAnew(node) || hasPlugin(detectors)) return null;
  const address = sidecars.address(node, owned);
  if (address === null) return null;
  const { host, port } = address;
  const { uid, liveRead, eventsCaughtUp, dropsInitDigest } = memory;
  const untilMono = clock.mono() + jitter(RECONCILE_EVERY_MS, random.u32(), { from: 0.5, to: 1.5 });
  const peersAt = resolvedPeers === null ? null : peersVersion;
  return { uid, liveRead, eventsCaughtUp, dropsInitDigest, host, port, untilMono, peersAt };
}

/** Ready, or kept from it only by something that we leave alone. */
function isReady(status: NodeStatus, readiness: Readiness): boolean {
  const { conditions } = status;
  if (isTrue(conditions, "Ready")) return true;
  const isBehind = conditionOf(conditions, "Ready")?.reason === "SpecNotApplied";
  return isBehind && isTrue(conditions, readiness.leftAlone) && isGateOpen(status, readiness);
}

/** A plugin may judge by the time alone, so it is asked by every reconcile. */
function hasPlugin(detectors: readonly RegisteredDetector[]): boolean {
  return detectors.some(({ mode, origin }) => mode !== "off" && origin === "plugin");
}

/**
 * Probes the sidecar of an idle node. Resolves with the milliseconds until the next probe; else a reconcile is due: the gate
 * is shut, which is then told as it was seen, or (null) the reconcile has to observe.
 */
export async function probeIdle(
  { clock, reader, sidecars, probeIntervalMs, random }: LoopParts,
  { namespace, idle }: { readonly namespace: string; readonly idle: IdleNode },
  signal: AbortSignal,
): Promise<number | ShutGate | null> {
  if (clock.mono() >= idle.untilMono) return null;
  if (idle.peersAt !== null && idle.peersAt !== reader.peersVersion()) return null;
  const health = await sidecars.probe({ namespace, address: idle }, { deadlineMs: PROBE_DEADLINE_MS, signal });
  if (health.state === "notReady") return health;
  return health.state === "ready" ? jitterInterval(probeIntervalMs, random) : null;
}
