/** Conditions that the loop itself sets, from what a reconcile knows. */
import { gateCondition, isGateOpen, type Readiness } from "./gate-condition.ts";
import {
  type Condition,
  conditionOf,
  type ConditionVerdict,
  type Drift,
  isRollOut,
  isTrue,
  type NodeStatus,
  type Obstacle,
  planType,
  refusalOf,
  shortId,
  type SpecGap,
  standingState,
  type StatusDraft,
  type StoredPlan,
  verdict,
  type PlanRecord,
} from "../model/index.ts";

/** What a summary is made from besides status itself. */
export interface Besides {
  /** What the detectors declare of the gate. */
  readonly readiness: Readiness;
  /** What is known to be still to do, though no plan says so. */
  readonly ahead?: string | Silence | null;
  /** What is told of the node and changes nothing; `Reconciling` has it, also of an idle node. */
  readonly remark?: string;
  /** What keeps the Pod from running, or from coming; null = nothing that is told. */
  readonly trouble?: string | null;
  /** Where the running node differs from its spec. */
  readonly gap?: SpecGap | null;
  /** What the current step waits for; null = nothing worth telling, absent = not known yet: what is told stands. */
  readonly waiting?: string | null | undefined;
}

/** Mirrors whose watch is dead, as it is told. */
export interface Silence {
  readonly silent: string;
}

/**
 * Sets `Ready`, `Reconciling` and `Stalled` from the rest of the draft; called once, last. The last two are as kstatus and
 * `kubectl wait` read them: never both True.
 */
export function summarise(draft: StatusDraft, obstacle: Obstacle | null, besides: Besides): void {
  const known = withIdleTrouble(draft.status, besides);
  const stalled = obstacle ?? phaseObstacle(draft.status);
  draft.abnormal(
    stalled === null
      ? verdict("Stalled", "False", "NotStalled", "")
      : verdict("Stalled", "True", stalled.reason, stalled.message),
    stalled === null,
  );
  const busy = stalled === null ? busyMessage(draft.status, known) : null;
  draft.abnormal(
    busy === null
      ? verdict("Reconciling", "False", "NotReconciling", known.remark)
      : verdict("Reconciling", "True", "Progressing", busy),
    busy === null && known.remark === "",
  );
  draft.condition(readyVerdict(draft, stalled, known));
  draft.seen();
}

function busyMessage(status: NodeStatus, known: Known): string | null {
  if (known.ahead !== null) return sentence(known.ahead, known.remark);
  const busy = busyWith(status);
  return busy === null ? null : withWait(status, busy, known);
}

/** What is to be said of mirrors whose watch is dead; null while none is. Whoever is reconciled tells it, so a fleet tells it slowly. */
export function silence(resources: readonly string[]): Silence | null {
  if (resources.length === 0) return null;
  return { silent: `the watch of ${resources.toSorted().join(", ")} is silent: what is known of them may be old` };
}

/** What is under way, and what it waits for. Before that is known in this life, what was told of the same plan stands. */
function withWait(
  { conditions }: NodeStatus,
  busy: string,
  { remark = "", waiting }: Omit<Besides, "readiness">,
): string {
  const told = conditionOf(conditions, "Reconciling");
  if (waiting === undefined && told?.status === "True" && told.message.startsWith(`${busy}; `)) return told.message;
  return sentence(waiting === undefined || waiting === null ? busy : `${busy}; ${waiting}`, remark);
}

function sentence(busy: string, remark: string): string {
  return remark === "" ? busy : `${busy}. ${remark}`;
}

function busyWith({ plan, conditions }: NodeStatus): string | null {
  if (plan?.phase !== "Active" || isTrue(conditions, "Paused")) return null;
  return `plan for ${plan.reason ?? planType(plan)}`;
}

function phaseObstacle(status: NodeStatus): Obstacle | null {
  const refused = status.plan === null || status.plan === undefined ? null : refusalOf(status.plan);
  if (refused !== null) return { reason: "ObjectRefused", message: refused };
  if (status.phase !== "Failed") return null;
  const last = status.history?.at(-1);
  return { reason: "InitFailed", message: last?.message ?? "the plan that brings the node up failed" };
}

interface Known extends Besides {
  readonly ahead: string | null;
  readonly isSilent: boolean;
  readonly remark: string;
  /** What keeps the Pod from running while nobody knows its gate to be open. */
  readonly stuck: string | null;
}

/**
 * Without an active plan, the trouble of a Pod is what the node waits for. With an open gate it is only a remark: another
 * container alone crashes.
 */
function withIdleTrouble(status: NodeStatus, besides: Besides): Known {
  const { phase, plan, conditions } = status;
  const { ahead: found = null, remark = "", trouble = null } = besides;
  const isSilent = found !== null && typeof found !== "string";
  const ahead = isSilent ? found.silent : found;
  const isOpen = isGateOpen(status, besides.readiness);
  const known = {
    ...besides,
    ahead,
    isSilent,
    remark,
    stuck: isOpen ? null : (trouble ?? stuckBefore(conditions, besides)),
  };
  const isIdle = phase === "Running" && plan?.phase !== "Active" && !isTrue(conditions, "Paused");
  if (trouble === null || !isIdle) return known;
  return isOpen ? { ...known, remark: sentence(trouble, remark) } : { ...known, ahead: ahead ?? trouble };
}

/** What was told of the Pod stands, as what was told of the step does, until that is known in this life. */
function stuckBefore(conditions: readonly Condition[] | undefined, { waiting }: Besides): string | null {
  const told = conditionOf(conditions, "Ready");
  return waiting === undefined && told?.reason === "PodNotRunning" ? told.message : null;
}

/** The reason names the state that wants a person, where there is one: `attention.ts` tells of it. */
function readyVerdict({ status, generation }: StatusDraft, stalled: Obstacle | null, known: Known): ConditionVerdict {
  if (stalled !== null) return verdict("Ready", "False", stalled.reason, "condition Stalled says why");
  if (isTrue(status.conditions, "Paused")) return verdict("Ready", "False", "Paused", "spec.paused is set");
  const plain = gateVerdict(status, known);
  const standing = standingState(status, generation);
  if (standing === null) return plain;
  return verdict("Ready", standing.isNotReady ? "False" : plain.status, standing.reason, standing.message);
}

/** Why nobody knows a sidecar to be ready, where it was asked; else null. */
function unseenReason(sidecar: Condition | null): "Unreachable" | "ProbeError" | null {
  if (sidecar?.reason === "Unreachable" || sidecar?.reason === "ProbeError") return sidecar.reason;
  return null;
}

function gateVerdict(status: NodeStatus, known: Known): ConditionVerdict {
  const { ahead, isSilent, stuck, gap = null, readiness } = known;
  if (stuck !== null) return stuckVerdict(status, stuck, known);
  if (status.phase !== "Running") return verdict("Ready", "False", "Initializing", "the node is being brought up");
  if (gap?.of === "rollOut")
    return verdict("Ready", "False", "SpecNotApplied", withFailure(gap.message, status, readiness));
  const sidecar = gateCondition(status, readiness);
  if (sidecar?.status === "False") return verdict("Ready", "False", "NotReady", "the sidecar's gate is shut");
  if (gap !== null) return verdict("Ready", "False", "SpecNotApplied", withFailure(gap.message, status, readiness));
  if (isSilent) return verdict("Ready", "Unknown", "WatchSilent", "condition Reconciling names the watch");
  return openVerdict(sidecar, readiness, ahead !== null || isTrue(status.conditions, "NodeUpdateInProgress"));
}

/** An unknown probe says nothing against the node: only a known shut gate or a roll-out makes it not ready. */
function openVerdict(sidecar: Condition | null, { condition }: Readiness, isBusy: boolean): ConditionVerdict {
  const unseen = isBusy ? null : unseenReason(sidecar);
  if (unseen !== null) return verdict("Ready", "Unknown", unseen, `condition ${condition} says why`);
  if (sidecar?.status === "True" && !isBusy)
    return verdict("Ready", "True", "Ready", "the node runs and its gate is open");
  return verdict("Ready", "Unknown", "Progressing", "the sidecar is not known to be ready, or an update is under way");
}

/** What keeps the Pod from running is why the node is not Ready, whatever else is still to come. */
function stuckVerdict(status: NodeStatus, stuck: string, { gap = null, readiness }: Known): ConditionVerdict {
  const isKnown = status.phase !== "Running" || gap !== null || gateCondition(status, readiness)?.status === "False";
  return verdict("Ready", isKnown ? "False" : "Unknown", "PodNotRunning", stuck);
}

/** Longest text of an earlier failure beside a gap. */
const MAX_FAILURE = 512;

/** Why the last plan to close a gap came to nothing is told with it: who asks why is told at once. */
function withFailure(message: string, { history = [] }: NodeStatus, readiness: Readiness): string {
  const last = history.findLast(({ detector }) => detector !== readiness.detector);
  if (last?.outcome !== "Failed") return message;
  return `${message}. The last try failed: ${(last.message ?? "").slice(0, MAX_FAILURE)}`;
}

/** Condition `Drift`: what the first detector that sees a gap says of it. */
export function setDrift(draft: StatusDraft, drift: Pick<Drift, "reason" | "message"> | null): void {
  if (drift === null) draft.abnormal(verdict("Drift", "False", "NoDrift", ""), true);
  // A plugin's reasons are its own, so they are no closed set.
  else draft.condition({ type: "Drift", status: "True", reason: drift.reason, message: drift.message });
}

/** `NodeUpdateInProgress` for a plan that was just made; null when the plan is no update. */
export function updateStartCondition(plan: StoredPlan): ConditionVerdict | null {
  if (!isRollOut(plan)) return null;
  return verdict("NodeUpdateInProgress", "True", "UpdateStarted", nameOf(plan));
}

/** `NodeUpdateInProgress` for a plan that ended; null when the condition was not True. */
export function updateEndCondition(
  status: NodeStatus,
  plan: StoredPlan,
  end: Pick<PlanRecord, "outcome">,
): ConditionVerdict | null {
  if (!isTrue(status.conditions, "NodeUpdateInProgress")) return null;
  const reasons = { Complete: "UpdateComplete", Failed: "UpdateFailed", Superseded: "UpdateSuperseded" } as const;
  // Which images it went between stands in the plan no longer.
  const images = plan.message === undefined ? "" : `: ${plan.message}`;
  return verdict("NodeUpdateInProgress", "False", reasons[end.outcome], `${nameOf(plan)}${images}`);
}

/** By what its line of `status.outcomes` is found, which says the rest. */
function nameOf({ id }: StoredPlan): string {
  return `plan ${shortId(id)}`;
}
