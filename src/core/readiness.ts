/**
 * The known story of a sidecar's readiness: what it was last known to be, and when that changed.
 *
 * Unknown adds nothing, so True, Unknown, True is no loss, and False, Unknown, True is a restoration.
 */
import type { NodeStatus, ReadinessTransition } from "../model/index.ts";
import { gateCondition, type Readiness } from "./gate-condition.ts";

/** Two are enough to tell a restoration from a first sight. */
const KEPT = 2;

/** The story with today's knowledge added; the same array when nothing new is known. */
export function withReadiness(
  story: readonly ReadinessTransition[],
  status: "True" | "False" | "Unknown",
  at: string,
): readonly ReadinessTransition[] {
  if (status === "Unknown") return story;
  const to = status === "True" ? "Ready" : "NotReady";
  if (story.at(-1)?.to === to) return story;
  return [...story, { to, at } as const].slice(-KEPT);
}

/** The story of a node; one that an older program left behind starts from its condition. */
export function readinessStory(status: NodeStatus, readiness: Readiness): readonly ReadinessTransition[] {
  const kept = status.readinessTransitions;
  if (kept !== undefined) return kept;
  const condition = gateCondition(status, readiness);
  if (condition === null || condition.status === "Unknown") return [];
  return [{ to: condition.status === "True" ? "Ready" : "NotReady", at: condition.lastTransitionTime }];
}

/** Which Event the last change deserves: a first sight of an open gate deserves none. */
export function readinessEvent(
  story: readonly ReadinessTransition[],
): "SidecarReadinessLost" | "SidecarReadinessRestored" | null {
  const last = story.at(-1);
  if (last === undefined) return null;
  if (last.to === "NotReady") return "SidecarReadinessLost";
  return story.at(-2)?.to === "NotReady" ? "SidecarReadinessRestored" : null;
}
