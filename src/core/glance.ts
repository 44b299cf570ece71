/**
 * Glances: at a node at rest nothing can have changed but what its sidecar answers, since everything else wakes it. So at
 * the time of its next look the sidecar alone is asked, without reading anything back, and while the gate is open that is
 * all. Any other answer, a wake, or a plugin that wants to judge makes it a pass: nothing is decided here. Source:
 * docs/design/0018-glances.md.
 */
import { conditionOf, isTrue, type NodeStatus, type RegisteredDetector } from "../model/index.ts";
import { jitter } from "../base/index.ts";
import { jittered } from "./looking.ts";
import { newMemory, NO_CAUSES, type NodeMemory, PROBE_DEADLINE_MS, type ShutGate } from "./node-memory.ts";
import type { SidecarAddress } from "./ports.ts";
import type { LoopOptions, Turn } from "./turn.ts";

/** All that is remembered of a node at rest, and where its sidecar is. Ten thousand of them are a part of our memory. */
export interface Rest extends SidecarAddress, Pick<NodeMemory, "uid" | "proof" | "eventsCaughtUp" | "dropsInitDigest"> {
  /** Monotonic milliseconds; then a pass is made whatever is seen, in case a wake was missed. */
  readonly untilMono: number;
  /** Count of the changes among other nodes that the last pass knew of; null when its status follows from none. */
  readonly peersAt: number | null;
}

/** Whether what is remembered is a rest. */
export function isRest(known: NodeMemory | Rest): known is Rest {
  return "untilMono" in known;
}

/** On average; it differs from node to node and from pass to pass. */
const PASS_EVERY_MS = 300_000;

/** The rest of a node whose pass ends with nothing to do and nothing to wait for; null where there is something. */
export function restOf(turn: Turn): Rest | null {
  const { options, memory, node, around } = turn;
  const { ports, clock, random, detectors } = options;
  const { conditions, resolvedPeers = null } = node.status;
  const { uid, proof, eventsCaughtUp, dropsInitDigest, unwell, misjudged, dropped, trouble } = memory;
  const isWell = memory.hasJudged && unwell.size === 0 && misjudged.size === 0 && dropped === null && trouble === null;
  if (!isWell || !isReady(conditions) || isTrue(conditions, "Drift")) return null;
  if (turn.isExpectant || memory.causes.size > 0 || ports.readsAnew(node) || hasPlugin(detectors)) return null;
  const address = ports.address(node, around);
  if (address === null) return null;
  const { host, port } = address;
  const untilMono = clock.mono() + jitter(PASS_EVERY_MS, random.u32(), { from: 0.5, to: 1.5 });
  const peersAt = resolvedPeers === null ? null : turn.peersVersion;
  return { uid, proof, eventsCaughtUp, dropsInitDigest, host, port, untilMono, peersAt };
}

/** Ready, or kept from it by a Pod that is older than its template alone: nothing is done about that. */
function isReady(conditions: NodeStatus["conditions"]): boolean {
  if (isTrue(conditions, "Ready")) return true;
  const isOutdated = conditionOf(conditions, "Ready")?.reason === "SpecNotApplied" && isTrue(conditions, "PodOutdated");
  return isOutdated && isTrue(conditions, "SidecarReady");
}

/** The memory of a node that was at rest. */
export function awake({ uid, proof, eventsCaughtUp, dropsInitDigest }: Rest): NodeMemory {
  return { ...newMemory(uid), proof, eventsCaughtUp, dropsInitDigest, causes: NO_CAUSES, hasJudged: true };
}

/** A plugin may judge by the time alone, so it is asked by every pass. */
function hasPlugin(detectors: readonly RegisteredDetector[]): boolean {
  return detectors.some(({ mode, onFailure }) => mode !== "off" && onFailure !== "hold");
}

/**
 * Asks the sidecar of a node at rest. Resolves with the milliseconds until the next glance; else a pass is due: the gate is
 * shut, which is then told as it was seen, or (null) the pass has to look.
 */
export async function glance(
  options: LoopOptions,
  { namespace, rest }: { readonly namespace: string; readonly rest: Rest },
  signal: AbortSignal,
): Promise<number | ShutGate | null> {
  if (options.clock.mono() >= rest.untilMono) return null;
  if (rest.peersAt !== null && rest.peersAt !== options.ports.peersVersion()) return null;
  const health = await options.ports.ask({ namespace, address: rest }, { deadlineMs: PROBE_DEADLINE_MS, signal });
  if (health.state === "notReady") return health;
  return health.state === "ready" ? jittered(options.probeIntervalMs, options.random) : null;
}
