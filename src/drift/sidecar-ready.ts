/**
 * Drift of sidecar readiness: a Running node whose sidecar itself answers with its gate shut (HTTP 503).
 *
 * `unreachable` and `probeError` are no evidence of drift: the next probe decides. A gate that was shut on purpose, or
 * perhaps was, stays shut, and so does one on a volume that init did not complete on.
 * Source: docs/design/0004-sidecar-ready.md.
 */
import {
  defineDetector,
  type Detector,
  type DetectorCondition,
  type Drift,
  heldCondition,
  historyHold,
  type Hold,
  type Incarnation,
  incarnationOf,
  isHomeOn,
  isSameLife,
  markReadyTasks,
  mayOpenBelow,
  type ObserveInput,
  type PodView,
  type SeiNode,
  type SidecarHealth,
  workflowHold,
} from "../plugin/index.ts";

/** What was seen of one sidecar. */
export interface SidecarSeen {
  readonly health: SidecarHealth;
  /** The life that was asked; null when no Pod could answer. */
  readonly incarnation: Incarnation | null;
}

/** Third in the order: a roll-out opens the gate by itself, so those of both images come before. */
export const sidecarReady: Detector<SidecarSeen> = defineDetector<SidecarSeen>({
  name: "sidecar-ready",
  conditionTypes: ["SidecarReady", "HeldByWorkflow"],
  reasons: {
    SidecarNotReady: "A Running node's sidecar answers 503.",
  },
  readiness: "SidecarReady",
  /** Only a Running node is asked: while it initializes, the init plan owns the sidecar. */
  async observe({ node, owned, sidecar, signal }: ObserveInput): Promise<SidecarSeen | null> {
    if (node.status.phase !== "Running") return null;
    if (sidecar === null) {
      const cause = "there is no Pod that could answer";
      return { health: { state: "unreachable", cause }, incarnation: null };
    }
    const health = await sidecar.health(signal);
    return { health, incarnation: owned.pod === null ? null : incarnationOf(owned.pod) };
  },
  conditions({ node, observed, now }): readonly DetectorCondition[] {
    if (observed === null) return [];
    const ready = node.spec["paused"] === true ? PAUSED : steady(readyCondition(observed.health), node, now);
    return [ready, heldVerdict(node, observed)];
  },
  detect({ node, owned, observed, waiting }): Drift | null {
    if (observed === null || observed.health.state !== "notReady") return null;
    if (observed.incarnation === null) return null;
    // What was seen of another life says nothing of this one.
    if (owned.pod === null || !isSameLife(observed.incarnation, incarnationOf(owned.pod))) return null;
    if (holdOf(node, observed) !== null || !isOnItsVolume(node, owned.pod)) return null;
    if (owned.claim === null || owned.claim.uid !== node.status.dataVolume?.uid) return null;
    if (!mayOpenBelow(node, owned, waiting)) return null;
    return {
      reason: "SidecarNotReady",
      message: "the sidecar answers 503: its gate is shut",
      tasks: markReadyTasks(),
      madeFrom: { "spec.image": node.spec["image"] },
      incarnation: observed.incarnation,
      targetPhase: "Running",
    };
  },
});

function holdOf(node: SeiNode, { health, incarnation }: SidecarSeen): Hold | null {
  const ofStatus = workflowHold(node);
  if (ofStatus !== null) return { reason: ofStatus };
  return health.state === "notReady" ? historyHold(node, incarnation?.podUid ?? null, health.history) : null;
}

/** Holds that a sidecar's tasks told of. */
const TOLD_BY_TASKS: ReadonlySet<string> = new Set(["GateShutOnPurpose", "GateHistoryUnknown"]);

/** A sidecar that does not answer takes nothing back of what its tasks told. */
function heldVerdict(node: SeiNode, seen: SidecarSeen): DetectorCondition {
  const hold = holdOf(node, seen);
  const known = node.status.conditions?.find(({ type }) => type === "HeldByWorkflow");
  const isSilent = seen.health.state === "unreachable" || seen.health.state === "probeError";
  if (hold !== null || !isSilent || known === undefined || !TOLD_BY_TASKS.has(known.reason)) {
    return heldCondition(hold, node);
  }
  const { type, status, reason, message } = known;
  return { type, status, reason, message };
}

function isOnItsVolume(node: SeiNode, pod: PodView | null): boolean {
  const { dataVolume } = node.status;
  return dataVolume !== undefined && pod !== null && isHomeOn(pod, dataVolume.claimName);
}

const PAUSED: DetectorCondition = {
  type: "SidecarReady",
  status: "Unknown",
  reason: "Paused",
  message: "spec.paused is set",
};

/** Why a sidecar cannot be reached changes while its Pod is replaced, and each change would be a write. */
const SAME_GAP_MS = 60_000;

/** The condition with the words it was first told with, as long as it may only be a Pod on its way. */
function steady(said: DetectorCondition, { status }: SeiNode, now: number): DetectorCondition {
  const known = status.conditions?.find(({ type }) => type === said.type);
  if (said.status !== "Unknown" || known?.status !== "Unknown" || known.reason !== said.reason) return said;
  return now - Date.parse(known.lastTransitionTime) < SAME_GAP_MS ? { ...said, message: known.message } : said;
}

function readyCondition(health: SidecarHealth): DetectorCondition {
  const type = "SidecarReady";
  switch (health.state) {
    case "ready":
      return { type, status: "True", reason: "Ready", message: "the sidecar answered 200" };
    case "notReady":
      return { type, status: "False", reason: "NotReady", message: "the sidecar answered 503: its gate is shut" };
    case "unreachable":
      return { type, status: "Unknown", reason: "Unreachable", message: health.cause, urgency: "low" };
    case "probeError":
      return { type, status: "Unknown", reason: "ProbeError", message: health.cause };
  }
}
