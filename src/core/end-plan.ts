/** The end of a plan, and the change of a phase: what of it goes into status, and what is told of it. */
import {
  conditionOf,
  heldBackUntil,
  type Incarnation,
  type Phase,
  type PlanOutcome,
  type PlanRecord,
  type StoredPlan,
  withRecord,
} from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";
import { phaseChangeEvent, planFailureEvent } from "./events.ts";
import { setDrift, updateEndCondition } from "./loop-conditions.ts";
import { inputFor } from "./observed-conditions.ts";
import { hasEnded } from "./stored-report.ts";

/** How it ended. */
export interface PlanEnd {
  readonly outcome: PlanOutcome;
  readonly message: string;
  /** The sidecar life whose gate it opened. */
  readonly opened?: Incarnation | undefined;
}

/** Moves a plan from status into history. `plan.phase` may still be Active when it was superseded. */
export function endPlan(context: ReconcileContext, plan: StoredPlan, end: PlanEnd): void {
  const { loop, node, draft } = context;
  const { clock, report } = loop;
  const at = clock.stamp();
  const { status } = draft;
  const update = updateEndCondition(status, plan, end);
  const { opened } = end;
  const healed = end.outcome === "Complete" && isGone(context, plan);
  // One that waits above stands all the same.
  if (healed && conditionOf(status.conditions, "Drift")?.reason === plan.reason) setDrift(draft, null);
  const history = withRecord(status.history ?? [], plan, {
    outcome: end.outcome,
    healed,
    at,
    ...(end.message === "" ? {} : { message: end.message }),
    ...(opened === undefined ? {} : { incarnation: opened }),
  });
  draft.set({ plan: null, history });
  if (update !== null) draft.condition(update);
  if (end.outcome === "Failed" && plan.failedPhase !== undefined) setPhase(context, plan.failedPhase);
  const record = history.at(-1);
  if (end.outcome === "Failed" && record !== undefined)
    draft.event(planFailureEvent({ ...record, message: end.message }, update === null ? "" : plan.message));
  const told = {
    outcome: end.outcome.toLowerCase(),
    message: end.message,
    healed,
    durationMs: clock.ageMs(plan.createdAt ?? at),
    nextTryAt: nextTryAt(context, plan, history),
  };
  draft.report({
    isStored: (stored) => hasEnded(stored, plan.id),
    tell: () => report.planEnded(node, plan, told),
  });
}

/** When another plan may follow; null when nothing holds one back, or only a person can have one made (init). */
function nextTryAt({ loop, node }: ReconcileContext, plan: StoredPlan, history: readonly PlanRecord[]): number | null {
  if (plan.failedPhase !== undefined) return null;
  const until = heldBackUntil(history, plan.detector ?? "unknown", node.metadata.generation);
  return until > loop.clock.wall() ? until : null;
}

/** True when the detector that asked for the plan sees its drift no more. */
function isGone(context: ReconcileContext, plan: StoredPlan): boolean {
  const entry = context.loop.detectors.find(({ detector }) => detector.name === plan.detector);
  if (entry === undefined) return true;
  const input = inputFor(context, entry.detector.name);
  const node = { ...input.node, status: { ...input.node.status, plan: null } };
  try {
    return entry.detector.detect({ ...input, node }) === null;
  } catch {
    return false;
  }
}

/** Moves the node to a phase, with its Event; nothing when it is there already. */
export function setPhase({ loop, node, draft }: ReconcileContext, to: Phase): void {
  const { phase: from, phaseTransitionTime } = draft.status;
  if (from === to) return;
  const at = loop.clock.stamp();
  const lastedMs = loop.clock.ageMs(phaseTransitionTime);
  draft.set({ phase: to, phaseTransitionTime: at });
  draft.event(phaseChangeEvent(to, at, from ?? "none"));
  draft.report({
    // Another may have followed in the same patch.
    isStored: ({ status }) => status.phase === to || (status.phaseTransitionTime ?? "") >= at,
    tell: () => loop.report.phaseChanged(node, { from: from ?? "", to, lastedMs }),
  });
}
