/**
 * The acting half of a reconcile: scales for a pause, runs the tasks of the stored plan one after the other, and ends the
 * plan once. Only a plan that the API server has accepted is acted on, and every effect asks first whether it still may.
 */
import {
  advancePlan,
  conditionOf,
  currentTask,
  dueInMs,
  refuseUnanswered,
  type Incarnation,
  lapsedField,
  type Outcome,
  refusalOf,
  type StoredPlan,
  type StoredTask,
  withStart,
  withWait,
} from "../model/index.ts";
import { nodeAfterDraft, type ReconcileContext, withOwnedNow } from "./context.ts";
import { isCarriedOn } from "./decide.ts";
import { endPlan, setPhase } from "./end-plan.ts";
import { isGateOpen } from "./gate-condition.ts";
import { isLiveReadDue } from "./live-read.ts";
import { silence } from "./loop-conditions.ts";
import { withTrouble } from "./note-trouble.ts";
import { observeDue } from "./observe.ts";
import { applyConditions } from "./observed-conditions.ts";
import { commit } from "./persist.ts";
import { thrownText } from "./run-observe.ts";
import { scale } from "./scale.ts";
import type { Acted, Ended, LiveReadDue, Persisted, Written } from "./steps.ts";
import { tellSummary } from "./summary.ts";
import { judgeByTime, waitText, watch } from "./watch-step.ts";

/** While effects may not start, the plan is taken up again this often. */
const NOT_NOW_MS = 1000;
/** An edit enqueues the node sooner. This is for a quota or an admission rule that somebody changes, of which no event tells. */
const REFUSED_AGAIN_MS = { first: 2000, last: 30_000 };
const THREW_AGAIN_MS = 5000;
/** More steps than any plan has: a guard against a plan that never moves. */
const MAX_STEPS = 64;

/** Does what the stored plan says, as far as it can go now. */
export async function act({ context, obstacle, madePlan }: Persisted): Promise<Acted | Ended | LiveReadDue> {
  const scaled = context.withheld === null ? await scale(context) : ({ kind: "committed", context } as const);
  if (scaled.kind !== "committed") return { kind: "ended", context: scaled.context };
  const { context: before } = scaled;
  if (isLiveReadDue(before)) return { kind: "liveReadDue", context: before };
  if (before.isPaused || !isCarriedOn(before, obstacle)) return { kind: "quiet", context: before };
  const { policy, probeIntervalMs } = before.loop;
  const came = policy.mayAct(before.node) ? await carryOn(before, madePlan) : scaled;
  const { context: after } = came;
  if (!policy.mayAct(after.node)) after.next.atMost(probeIntervalMs);
  // After a patch that failed, its back-off alone counts.
  const isOver = came.kind !== "committed" && after.next.afterMs !== null;
  return { kind: isOver ? "ended" : "acted", context: after };
}

/** Carries the Active plan on until it waits, ends, or may not go on; then writes once. */
async function carryOn(begun: ReconcileContext, madePlan: string | null): Promise<Written> {
  const { plan: planAtFirst } = begun.draft.status;
  let context = begun;
  let opened: Incarnation | undefined;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { plan } = context.draft.status;
    if (plan === null || plan === undefined || plan.phase !== "Active") break;
    const lapsed = lapsedField(plan, context.node);
    if (lapsed !== null) {
      endPlan(context, plan, { outcome: "Superseded", message: `${lapsed} changed`, opened });
      context.next.atMost(0);
      break;
    }
    const outcome = await nextOutcome(context, plan, madePlan);
    if (outcome.kind === "notNow") return { kind: "ended", context };
    opened = outcome.kind === "done" ? (outcome.incarnation ?? opened) : opened;
    const settled = settle(context, plan, { outcome, opened });
    if (settled === "complete") context = await complete(context, opened);
    if (settled !== "goesOn") break;
  }
  // The mirrors now hold what was applied.
  if (context.draft.status.applied !== context.node.status.applied) context = withOwnedNow(context);
  const ahead = unjudged(context, planAtFirst) ?? silence(context.loop.reader.silent());
  tellSummary(context, context.withheld, ahead);
  return commit(context);
}

/** The plan that ended was made from an earlier spec. Nobody has judged the present one, so the node is not called Ready yet. */
function unjudged({ draft, node, next }: ReconcileContext, begun: StoredPlan | null | undefined): string | null {
  const isOver = (draft.status.plan ?? null) === null;
  const generation = begun?.generation ?? node.metadata.generation;
  if (!isOver || generation === node.metadata.generation) return null;
  next.atMost(0);
  return "the spec changed while a plan was under way";
}

/** The outcome of the current task; `notNow` = effects may no longer start. */
async function nextOutcome(
  context: ReconcileContext,
  plan: StoredPlan,
  madePlan: string | null,
): Promise<Outcome | { readonly kind: "notNow" }> {
  const { loop, memory, node, next, signal } = context;
  const { clock } = loop;
  const current = currentTask(plan);
  if (current === null) return { kind: "done" };
  const { task, index } = current;
  const waitMs = dueInMs(task, clock.ageMs(task.startedAt));
  if (waitMs > 0) return { kind: "again", afterMs: waitMs, why: `it is tried again: ${task.error ?? "it failed"}` };
  if (!loop.policy.mayAct(node)) {
    // Nothing else would enqueue the node when effects may start again.
    next.atMost(NOT_NOW_MS);
    return { kind: "notNow" };
  }
  const { isFirst } = memory.tried(task.id, clock.mono());
  try {
    const came = await loop.writer.execute({
      node: clock.steadied(nodeAfterDraft(context)),
      plan,
      index,
      task,
      fresh: isFirst && madePlan === plan.id,
      sinceStartMs: memory.triedForMs(clock.mono()),
      now: clock.wall(),
      signal,
    });
    return judgeTime(context, withTrouble(context, came), { plan, task, index });
  } catch (error) {
    // A task reports what it expects as an outcome; a throw is a defect, and waiting is the safe answer.
    loop.report.problem(node, `task ${task.type} threw: ${thrownText(error)}`, THREW_AGAIN_MS);
    return { kind: "again", afterMs: THREW_AGAIN_MS, why: "the task failed unexpectedly" };
  }
}

interface CurrentTask {
  readonly plan: StoredPlan;
  readonly task: StoredTask;
  readonly index: number;
}

/** What a try came to, after what was watched of the step so far. */
function judgeTime(
  { loop, memory, node }: ReconcileContext,
  outcome: Outcome,
  { plan, task, index }: CurrentTask,
): Outcome {
  const told = conditionOf(node.status.conditions, "Reconciling")?.message ?? "";
  const wasTold = node.status.plan?.id === plan.id && told.includes(waitText(task, ""));
  const now = { plan, task, outcome, mono: loop.clock.mono(), wasTold };
  const watched = watch(memory.watched, now);
  memory.watched = watched;
  const patient = refuseUnanswered(plan, index, outcome, watched.unansweredMs);
  return judgeByTime(patient, { ...now, watched, traits: loop.facts.task(task.type) });
}

/** What a task's outcome means for its plan: the next task may run now, the plan waits or ended, or it reached its goal. */
type Settled = "goesOn" | "waits" | "ended" | "complete";

/** Notes one outcome in the draft. */
function settle(
  context: ReconcileContext,
  plan: StoredPlan,
  { outcome, opened }: { readonly outcome: Outcome; readonly opened: Incarnation | undefined },
): Settled {
  const { loop, memory, node, draft, next } = context;
  const current = currentTask(plan);
  const index = current?.index ?? 0;
  const at = loop.clock.stamp();
  const after = advancePlan(withStart(plan, index, at), index, outcome, at);
  noteFound(context, outcome);
  switch (outcome.kind) {
    case "again":
    case "submitted":
      draft.set({ plan: memory.watched === null ? after : withWait(after, index, memory.watched) });
      next.atMost(outcome.afterMs);
      if (outcome.kind === "again" && current !== null) loop.report.waiting(node, current.task, outcome);
      return "waits";
    case "failed": {
      if (after.phase === "Active") return keepAfterFailure(context, after);
      const message = `task ${current?.task.type}: ${outcome.code}: ${outcome.why}`;
      endPlan(context, after, { outcome: "Failed", message, opened });
      return "ended";
    }
    case "superseded":
      endPlan(context, after, { outcome: "Superseded", message: outcome.why, opened });
      next.atMost(0);
      return "ended";
    case "done":
      draft.set({ plan: after });
      return after.phase === "Complete" ? "complete" : "goesOn";
  }
}

/** Notes what a step found, whatever its outcome. */
function noteFound({ draft }: ReconcileContext, outcome: Outcome): void {
  if (outcome.condition !== undefined) draft.condition(outcome.condition);
  if ("status" in outcome) draft.set(outcome.status ?? {});
}

/** A plan that goes on although a task failed: tried again after a pause, or waiting for an edit. */
function keepAfterFailure({ loop, draft, next }: ReconcileContext, plan: StoredPlan): Settled {
  draft.set({ plan });
  // The next step finds that the task is not due yet, and waits until it is.
  if (refusalOf(plan) === null) return "goesOn";
  const quarterMs = loop.clock.ageMs(currentTask(plan)?.task.startedAt) / 4 || 0;
  next.atMost(Math.min(REFUSED_AGAIN_MS.last, Math.max(REFUSED_AGAIN_MS.first, quarterMs)));
  return "waits";
}

/** Ends a plan that reached its goal, after its detector was asked again whether the drift is gone. */
async function complete(begun: ReconcileContext, opened: Incarnation | undefined): Promise<ReconcileContext> {
  const context = withOwnedNow(begun);
  const { draft, next, loop } = context;
  const { plan, phase: from } = draft.status;
  if (plan === null || plan === undefined) return context;
  if (plan.targetPhase !== undefined) setPhase(context, plan.targetPhase);
  if (opened === undefined) applyConditions(context);
  else await observeDue({ ...context, node: nodeAfterDraft(context) }, true);
  endPlan(context, plan, { outcome: "Complete", message: "", opened });
  if (opened !== undefined && !isGateOpen(draft.status, loop.readiness)) next.atMost(200);
  if (from !== draft.status.phase) next.atMost(0);
  return context;
}
