/**
 * Nodes that want a person, by one mechanism: the reason of `Ready` names the state, and Event, log line and gauge follow
 * from it alone. So each is as lasting as status is, costs no patch of its own, and nothing where there is no such state.
 */
import { attentionState, type AttentionReason, isAttentionReason } from "./attention-states.ts";
import { conditionOf } from "./conditions.ts";
import { plansInVain, heldBackUntil } from "./history.ts";
import type { Condition, NodeStatus } from "./node.ts";

/** What a node wants a person for. */
export interface Attention {
  readonly reason: AttentionReason;
  readonly why: string;
  /** When it began, RFC 3339. */
  readonly since: string;
  /** The same as long as it lasts, and another for the next one. */
  readonly transition: string;
}

/** What a node's status says it wants a person for; null where it wants nobody. */
export function attentionOf(status: NodeStatus): Attention | null {
  const { conditions, history = [] } = status;
  const ready = conditionOf(conditions, "Ready");
  if (ready === null || !isAttentionReason(ready.reason)) return null;
  const { reason } = ready;
  const source = sourceOf(conditions, reason);
  if (source?.type !== "Drift") {
    const { type, message, lastTransitionTime: since } = source ?? ready;
    const why = message === "" ? ready.message : message;
    return { reason, why, since, transition: `${type}/${reason}/${since}` };
  }
  const last = history.findLast((record) => record.reason === source.reason);
  return {
    reason,
    why: last?.message === undefined ? ready.message : `${ready.message}: ${last.message}`,
    since: last?.finishedAt ?? source.lastTransitionTime,
    // Not of each try: they differ in nothing but the time of the next one.
    transition: `${reason}/${source.reason}/${source.lastTransitionTime}/${ready.observedGeneration}`,
  };
}

function sourceOf(conditions: readonly Condition[] | undefined, reason: AttentionReason): Condition | null {
  const sources = attentionState(reason).sources.map((type) => conditionOf(conditions, type));
  return sources.find((one) => one?.reason === reason) ?? sources.find((one) => one?.status === "True") ?? null;
}

/** What `Ready` says of a state. */
export interface ReadySaid {
  readonly reason: AttentionReason;
  readonly message: string;
  readonly isNotReady: boolean;
}

/** The state of a node that nothing else stops; null where there is none. The plan of init too comes to gates that are held. */
export function standingState(status: NodeStatus, generation: number): ReadySaid | null {
  const held = conditionOf(status.conditions, "HeldByWorkflow");
  if (held !== null && held.status !== "False" && isAttentionReason(held.reason)) return saidBy(held, held.reason);
  if (status.phase !== "Running") return null;
  const takeOver = conditionOf(status.conditions, "TakeOver");
  if (takeOver?.reason === "ConsentNeeded" && takeOver.status === "False") return saidBy(takeOver, "ConsentNeeded");
  return retried(status, generation);
}

function saidBy({ type }: Condition, reason: AttentionReason): ReadySaid {
  return { reason, message: `condition ${type} says why`, isNotReady: attentionState(reason).ready === "False" };
}

/** Reasons of drifts whose plans roll a Pod out. Of a node's own image, none is Ready before it runs. */
const ROLL_OUTS: ReadonlySet<string> = new Set(["ImageChanged", "SidecarImageChanged"]);
/** A gate that was opened and is not seen open yet is no failure, and neither is one that has to be opened twice. */
const UNHEALED = 3;

/** A drift whose plans came to nothing, until one of them heals it: also while it is tried again. */
function retried({ conditions, history = [], plan }: NodeStatus, generation: number): ReadySaid | null {
  const drift = conditionOf(conditions, "Drift");
  if (drift?.status !== "True") return null;
  const detector = history.findLast((record) => record.reason === drift.reason)?.detector;
  if (detector === undefined) return null;
  const failed = plansInVain(history, detector, generation);
  if (failed.length < UNHEALED && failed.every(({ outcome }) => outcome !== "Failed")) return null;
  const isTried = plan?.phase === "Active" && plan.detector === detector;
  const next = isTried
    ? "it is tried again"
    : `the next try comes at ${at(heldBackUntil(history, detector, generation))}`;
  return {
    reason: ROLL_OUTS.has(drift.reason) ? "UpdateFailed" : "BackingOff",
    message: `the last plan for ${drift.reason} came to nothing; ${next}`,
    isNotReady: drift.reason === "ImageChanged",
  };
}

/** RFC 3339 to the second, rounded up. */
function at(ms: number): string {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
