/**
 * The acting half of a pass: runs the tasks of a stored plan one after the other, and ends the plan once.
 *
 * Only a plan that the API server has accepted is acted on, and every effect asks first whether it still may.
 */
import {
  advanced,
  conditionOf,
  currentTask,
  dueInMs,
  heldBackUntil,
  impatient,
  type Incarnation,
  lapsedField,
  type Outcome,
  type PlanOutcome,
  type PlanRecord,
  refusalOf,
  type StoredPlan,
  type StoredTask,
  withRecord,
  withStart,
  withWait,
} from "../model/index.ts";
import { phaseChanged, planFailed } from "./events.ts";
import { applyConditions, inputFor, lookAll } from "./looking.ts";
import { withTrouble } from "./note-trouble.ts";
import { oneLine } from "./registry.ts";
import { hasEnded } from "./stored-report.ts";
import { tellSummary } from "./summary.ts";
import { type Commit, commit, drafted, nowOf, restAtMost, type Turn } from "./turn.ts";
import { setDrift, silence, updateEnded } from "./verdicts.ts";
import { judgedByTime, waitText, watch } from "./watched.ts";

/** While effects may not start, the plan is looked at again this often. */
const NOT_NOW_MS = 1000;
/** An edit wakes the node sooner; a quota or an admission rule may be changed meanwhile too, mostly soon or late. */
const REFUSED_AGAIN_MS = { first: 2000, last: 30_000 };
const THREW_AGAIN_MS = 5000;
/** More steps than any plan has: a guard against a plan that never moves. */
const MAX_STEPS = 64;

/** Carries the Active plan on until it waits, ends, or may not go on; then writes once. */
export async function act(turn: Turn): Promise<Commit> {
  let opened: Incarnation | undefined;
  const begun = turn.draft.status.plan;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const plan = turn.draft.status.plan;
    if (plan === null || plan === undefined || plan.phase !== "Active") break;
    const lapsed = lapsedField(plan, turn.node);
    if (lapsed !== null) {
      endPlan(turn, plan, { outcome: "Superseded", message: `${lapsed} changed`, opened });
      restAtMost(turn, 0);
      break;
    }
    const outcome = await nextOutcome(turn, plan);
    if (outcome === null) return "stop";
    opened = outcome.kind === "done" ? (outcome.incarnation ?? opened) : opened;
    if (!(await settle(turn, plan, { outcome, opened }))) break;
  }
  // What was applied entered the mirrors.
  if (turn.draft.status.applied !== turn.node.status.applied) turn.around = turn.options.ports.surroundings(turn.node);
  tellSummary(turn, turn.withheld, unjudged(turn, begun) ?? silence(turn.options.ports.silent()));
  return commit(turn);
}

/** A plan that ended was made from an earlier spec: nobody has judged the present one, so it is not told Ready yet. */
function unjudged(turn: Turn, begun: StoredPlan | null | undefined): string | null {
  const isOver = (turn.draft.status.plan ?? null) === null;
  const generation = begun?.generation ?? turn.node.metadata.generation;
  if (!isOver || generation === turn.node.metadata.generation) return null;
  restAtMost(turn, 0);
  return "the spec changed while a plan was under way";
}

/** The outcome of the current task; null when effects may no longer start. */
async function nextOutcome(turn: Turn, plan: StoredPlan): Promise<Outcome | null> {
  const { ports, clock } = turn.options;
  const current = currentTask(plan);
  if (current === null) return { kind: "done" };
  const { task, index } = current;
  const waitMs = dueInMs(task, clock.ageMs(task.startedAt));
  if (waitMs > 0) return { kind: "again", afterMs: waitMs, why: `it is tried again: ${task.error ?? "it failed"}` };
  if (!ports.mayAct(turn.node)) {
    // Nothing else would wake the node when effects may start again.
    restAtMost(turn, NOT_NOW_MS);
    return null;
  }
  const { memory } = turn;
  const isFirstTry = !memory.tried.has(task.id);
  if (isFirstTry) memory.taskStartedAt = clock.mono();
  memory.tried = new Set([...memory.tried, task.id]);
  try {
    const came = await ports.execute({
      node: clock.steadied(drafted(turn)),
      plan,
      index,
      task,
      fresh: isFirstTry && turn.madePlan === plan.id,
      sinceStartMs: clock.mono() - memory.taskStartedAt,
      now: clock.wall(),
      signal: turn.signal,
    });
    return inTime(turn, withTrouble(turn, came), { plan, task, index });
  } catch (error) {
    // A task reports what it expects as an outcome; a throw is a defect, and waiting is the safe answer.
    ports.report.problem(turn.node, `task ${task.type} threw: ${oneLine(error)}`, THREW_AGAIN_MS);
    return { kind: "again", afterMs: THREW_AGAIN_MS, why: "the task failed unexpectedly" };
  }
}

interface Step {
  readonly plan: StoredPlan;
  readonly task: StoredTask;
  readonly index: number;
}

/** What a try came to, after what was watched of the step so far. */
function inTime({ options, memory, node }: Turn, outcome: Outcome, { plan, task, index }: Step): Outcome {
  const told = conditionOf(node.status.conditions, "Reconciling")?.message ?? "";
  const wasTold = node.status.plan?.id === plan.id && told.includes(waitText(task, ""));
  const now = { plan, task, outcome, mono: options.clock.mono(), wasTold };
  const watched = watch(memory.watched, now);
  memory.watched = watched;
  const patient = impatient(plan, index, outcome, watched.unansweredMs);
  return judgedByTime(patient, { ...now, watched, limitMs: options.ports.taskLimitMs(task.type) });
}

/** Notes one outcome in the draft; true while the next task may run in the same pass. */
async function settle(
  turn: Turn,
  plan: StoredPlan,
  step: { readonly outcome: Outcome; readonly opened: Incarnation | undefined },
): Promise<boolean> {
  const { outcome, opened } = step;
  const current = currentTask(plan);
  const index = current?.index ?? 0;
  const at = nowOf(turn.options.clock);
  const next = advanced(withStart(plan, index, at), index, outcome, at);
  found(turn, outcome);
  switch (outcome.kind) {
    case "again":
    case "submitted":
      turn.draft.set({ plan: turn.memory.watched === null ? next : withWait(next, index, turn.memory.watched) });
      restAtMost(turn, outcome.afterMs);
      if (outcome.kind === "again" && current !== null) {
        turn.options.ports.report.waiting(turn.node, current.task, outcome);
      }
      return false;
    case "failed":
      if (next.phase === "Active") return keptAfterFailure(turn, next);
      endPlan(turn, next, {
        outcome: "Failed",
        message: `task ${current?.task.type}: ${outcome.code}: ${outcome.why}`,
        opened,
      });
      return false;
    case "superseded":
      endPlan(turn, next, { outcome: "Superseded", message: outcome.why, opened });
      restAtMost(turn, 0);
      return false;
    case "done":
      turn.draft.set({ plan: next });
      if (next.phase !== "Complete") return true;
      await complete(turn, next, opened);
      return false;
  }
}

/** Takes in what a step found, whatever it came to. */
function found(turn: Turn, outcome: Outcome): void {
  if (outcome.condition !== undefined) turn.draft.condition(outcome.condition);
  if ("status" in outcome) turn.draft.set(outcome.status ?? {});
}

/** A plan that goes on although a task failed: tried again after a pause, or waiting for an edit; as `settle` answers. */
function keptAfterFailure(turn: Turn, plan: StoredPlan): boolean {
  turn.draft.set({ plan });
  // The next step finds a task that is tried again not due yet, and rests for as long as that takes.
  if (refusalOf(plan) === null) return true;
  const quarterMs = turn.options.clock.ageMs(currentTask(plan)?.task.startedAt) / 4 || 0;
  restAtMost(turn, Math.min(REFUSED_AGAIN_MS.last, Math.max(REFUSED_AGAIN_MS.first, quarterMs)));
  return false;
}

/** Ends a plan that reached its goal, after its detector was asked again whether the drift is gone. */
async function complete(turn: Turn, plan: StoredPlan, opened: Incarnation | undefined): Promise<void> {
  const from = turn.draft.status.phase;
  if (plan.targetPhase !== undefined) setPhase(turn, plan.targetPhase);
  turn.around = turn.options.ports.surroundings(turn.node);
  const { conditions } = turn.draft.status;
  if (opened !== undefined) await lookAll({ ...turn, node: drafted(turn), events: turn.events }, true);
  else applyConditions(turn);
  endPlan(turn, plan, { outcome: "Complete", message: "", opened });
  const stillShut = conditionOf(turn.draft.status.conditions ?? conditions, "SidecarReady")?.status !== "True";
  if (opened !== undefined && stillShut) restAtMost(turn, 200);
  if (from !== turn.draft.status.phase) restAtMost(turn, 0);
}

/** Moves a plan from status into history. `plan.phase` may still be Active when it was superseded. */
export function endPlan(
  turn: Turn,
  plan: StoredPlan,
  end: { readonly outcome: PlanOutcome; readonly message: string; readonly opened?: Incarnation | undefined },
): void {
  const { clock, ports } = turn.options;
  const at = nowOf(clock);
  const status = turn.draft.status;
  const update = updateEnded(status, plan, end);
  const { opened } = end;
  const healed = end.outcome === "Complete" && isGone(turn, plan);
  // One that waits above stands all the same.
  if (healed && conditionOf(status.conditions, "Drift")?.reason === plan.reason) setDrift(turn.draft, null);
  const history = withRecord(status.history ?? [], plan, {
    outcome: end.outcome,
    healed,
    at,
    ...(end.message === "" ? {} : { message: end.message }),
    ...(opened === undefined ? {} : { incarnation: opened }),
  });
  turn.draft.set({ plan: null, history });
  if (update !== null) turn.draft.condition(update);
  if (end.outcome === "Failed" && plan.failedPhase !== undefined) setPhase(turn, plan.failedPhase);
  const record = history.at(-1);
  if (end.outcome === "Failed" && record !== undefined)
    turn.events.push(planFailed({ ...record, message: end.message }, update === null ? "" : plan.message));
  const { node } = turn;
  const told = {
    outcome: end.outcome.toLowerCase(),
    message: end.message,
    healed,
    durationMs: clock.ageMs(plan.createdAt ?? at),
    nextTryAt: nextTryAt(turn, plan, history),
  };
  turn.reports.push({
    isStored: (stored) => hasEnded(stored, plan.id),
    tell: () => ports.report.planEnded(node, plan, told),
  });
}

/** When another plan may follow; null when nothing holds one back, or only a person can have one made (init). */
function nextTryAt({ options, node }: Turn, plan: StoredPlan, history: readonly PlanRecord[]): number | null {
  if (plan.failedPhase !== undefined) return null;
  const until = heldBackUntil(history, plan.detector ?? "unknown", node.metadata.generation);
  return until > options.clock.wall() ? until : null;
}

/** True when the detector that asked for the plan sees its drift no more. */
function isGone(turn: Turn, plan: StoredPlan): boolean {
  const entry = turn.options.detectors.find(({ detector }) => detector.name === plan.detector);
  if (entry === undefined) return true;
  const input = inputFor(turn, entry.detector.name);
  try {
    return (
      entry.detector.detect({ ...input, node: { ...input.node, status: { ...input.node.status, plan: null } } }) ===
      null
    );
  } catch {
    return false;
  }
}

/** Moves the node to a phase, with its Event; nothing when it is there already. */
export function setPhase(turn: Turn, to: "Initializing" | "Running" | "Failed" | "Pending" | "Terminating"): void {
  const from = turn.draft.status.phase;
  if (from === to) return;
  const at = nowOf(turn.options.clock);
  const lastedMs = turn.options.clock.ageMs(turn.draft.status.phaseTransitionTime);
  turn.draft.set({ phase: to, phaseTransitionTime: at });
  turn.events.push(phaseChanged(to, at, from ?? "none"));
  const { node, options } = turn;
  turn.reports.push({
    // Another may have followed in the same patch.
    isStored: ({ status }) => status.phase === to || (status.phaseTransitionTime ?? "") >= at,
    tell: () => options.ports.report.phaseChanged(node, { from: from ?? "", to, lastedMs }),
  });
}
