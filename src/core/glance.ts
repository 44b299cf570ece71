/**
 * Glances: at a node at rest nothing can have changed but what its sidecar answers, since everything else wakes it. So at
 * the time of its next look the sidecar alone is asked, without reading anything back, and while the gate is open that is
 * all. Any other answer, a wake, or a plugin that wants to judge makes it a pass, which looks for itself: nothing is
 * decided here. Source: docs/design/0018-glances.md.
 */
import { isTrue } from "./conditions.ts";
import { jittered } from "./looking.ts";
import { type NodeMemory, PROBE_DEADLINE_MS, UNSEEN } from "./node-memory.ts";
import type { SidecarAddress } from "./ports.ts";
import type { RegisteredDetector } from "./registry.ts";
import type { LoopOptions, Turn } from "./turn.ts";

/** What is kept of a node at rest. */
export interface Rest {
  readonly address: SidecarAddress;
  /** Monotonic milliseconds; then a pass is made whatever is seen, in case a wake was missed. */
  readonly untilMono: number;
  /** Count of the changes among other nodes that the last pass knew of; null when its status follows from none. */
  readonly peersAt: number | null;
}

/** On average; it differs from node to node and from pass to pass. */
const PASS_EVERY_MS = 300_000;

/** Notes that the node is at rest, at the end of a pass that found nothing to do and has nothing to wait for. */
export function settle(turn: Turn): void {
  const { options, memory, node, around } = turn;
  const { ports, clock, random, detectors } = options;
  const { conditions, resolvedPeers = null } = node.status;
  const isWell = memory.unwell.size === 0 && memory.misjudged.size === 0 && memory.dropped === null;
  if (!isWell || !isTrue(conditions, "Ready") || isTrue(conditions, "Drift")) return;
  if (turn.isExpectant || memory.causes.size > 0 || ports.readsAnew(node) || hasPlugin(detectors)) return;
  const address = ports.address(node, around);
  if (address === null) return;
  const u = random.u32() / 2 ** 32;
  memory.rest = {
    address,
    untilMono: clock.mono() + PASS_EVERY_MS * (0.5 + u),
    peersAt: resolvedPeers === null ? null : turn.peersVersion,
  };
  // Seen anew by the next pass; ten thousand of them are megabytes.
  memory.looks = UNSEEN;
}

/** A plugin may judge by the time alone, so it is asked by every pass. */
function hasPlugin(detectors: readonly RegisteredDetector[]): boolean {
  return detectors.some(({ mode, onFailure }) => mode !== "off" && onFailure !== "hold");
}

/** Asks the sidecar of a node at rest. Resolves with the milliseconds until the next glance; null = a pass is due instead. */
export async function glance(
  options: LoopOptions,
  { namespace, memory }: { readonly namespace: string; readonly memory: NodeMemory },
  signal: AbortSignal,
): Promise<number | null> {
  const { rest } = memory;
  if (rest === null || memory.causes.size > 0 || options.clock.mono() >= rest.untilMono) return null;
  if (rest.peersAt !== null && rest.peersAt !== options.ports.peersVersion()) return null;
  const where = { namespace, address: rest.address };
  const { state } = await options.ports.ask(where, { deadlineMs: PROBE_DEADLINE_MS, signal });
  const isStillAtRest = state === "ready" && memory.rest === rest && memory.causes.size === 0;
  return isStillAtRest ? jittered(options.probeIntervalMs, options.random) : null;
}
