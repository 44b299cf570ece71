/** The deciding half of a reconcile: what stands in the way, what has ended, and which plan comes next. Pure but for ids and time. */
import {
  type Drift,
  type DriftReport,
  graceUntil,
  heldBackUntil,
  isRollOut,
  type Obstacle,
  planOf,
  type StoredPlan,
  unheededRestart,
  type WaitingDrift,
  waitMs,
} from "../model/index.ts";
import { nodeAfterDraft, type ReconcileContext } from "./context.ts";
import { dataVolumeObstacle, noteVolume } from "./data-volume.ts";
import { endPlan, setPhase } from "./end-plan.ts";
import { initDigestOf } from "./init-baseline.ts";
import { judge, type Judgement } from "./judge.ts";
import { isLiveReadDue, lacksLiveRead, touchesObjects } from "./live-read.ts";
import { setDrift, updateStartCondition } from "./loop-conditions.ts";
import { noteTrouble } from "./note-trouble.ts";
import { isSeenNow } from "./observe.ts";
import { inputFor, tellFailures } from "./observed-conditions.ts";
import type { Decided, Life, LiveReadDue, Observed } from "./steps.ts";
import { hasPlan } from "./stored-report.ts";
import { aheadOf, tellSummary } from "./summary.ts";

/** Puts what is to be done next into the draft: clears an ended plan, makes the next one, says what stands in the way. */
export function decide({ context, life }: Observed): Decided | LiveReadDue {
  clearEnded(context);
  const { plan } = context.draft.status;
  if (plan?.phase === "Active") goOn(context, plan);
  const isTaken = context.draft.status.plan?.phase === "Active" || context.isPaused;
  const obstacle = isTaken ? context.withheld : decideByPhase(context, life);
  if (isLiveReadDue(context)) return { kind: "liveReadDue", context };
  noteTrouble(context);
  tellSummary(context, obstacle, aheadOf(context));
  return { kind: "decided", context, obstacle };
}

function decideByPhase(context: ReconcileContext, life: Life): Obstacle | null {
  const { loop, node, draft, withheld } = context;
  // The plan of init begins and ends with a phase. Without one, nobody knows how far it came.
  if (draft.status.phase === "Initializing" && loop.policy.mayAct(node)) setPhase(context, "Failed");
  if (draft.status.phase !== "Running" && withheld !== null) return withheld;
  switch (draft.status.phase ?? "Pending") {
    case "Failed":
      return restart(context);
    case "Initializing":
      return null;
    case "Running":
      return decideRunning(context, life);
    case "Pending":
    case "Terminating":
      return decideLife(context, life);
  }
}

function decideRunning(context: ReconcileContext, life: Life): Obstacle | null {
  if (life.kind === "restart") return restart(context);
  const lost = dataVolumeObstacle(context, life);
  if (lost === null) return decideDrift(context);
  if (lost.reason === "StatusLost") return waitForPerson(context, life, lost);
  return unheededRestart(context.node, context.draft.status) === null ? lost : restart(context);
}

/** A node whose phase does not say where it stands in its life. */
function decideLife(context: ReconcileContext, life: Life): Obstacle | null {
  switch (life.kind) {
    case "told":
    case "new":
      return init(context);
    case "up":
      setPhase(context, "Running");
      context.draft.set({ dataVolume: { claimName: life.volume.name, uid: life.volume.uid } });
      context.next.atMost(0);
      return null;
    case "restart":
      return restart(context);
    case "halfway":
      setPhase(context, "Failed");
      return restart(context);
    case "stalled":
      return waitForPerson(context, life, life.obstacle);
    case "unread":
      return null;
  }
}

/** Checked again at the steady pace: what is missing may come. A word that was there before counts as heeded. */
function waitForPerson({ loop, draft, next }: ReconcileContext, life: Life, obstacle: Obstacle): Obstacle {
  if (life.kind === "stalled" && life.word !== undefined) draft.set({ reinitialized: life.word });
  next.atMost(loop.probeIntervalMs);
  return obstacle;
}

/**
 * Before an Active plan goes on: is what it was made under still so? A paused node has no plan; only that of init stays,
 * since it cannot be made again.
 */
function goOn(context: ReconcileContext, active: StoredPlan): void {
  const { loop, node, isPaused, withheld } = context;
  if (!loop.policy.mayAct(node)) return;
  const isInit = active.failedPhase !== undefined;
  if (!hasPhaseOf(context, isInit)) {
    if (!isInit) return endPlan(context, active, { outcome: "Superseded", message: "status.phase was lost" });
    setPhase(context, "Initializing");
  }
  if (isPaused || !isServed(context, active)) {
    const message = isPaused ? "spec.paused is set" : (withheld?.message ?? "");
    if (!isInit) endPlan(context, active, { outcome: "Superseded", message });
    return;
  }
  noteVolume(context, active);
}

/** What a plan is carried out under; where the phase was lost, nothing but the plan of init says where the node stands. */
function hasPhaseOf({ draft }: ReconcileContext, isInit: boolean): boolean {
  const { phase } = draft.status;
  return phase === "Running" || phase === "Failed" || (isInit && phase === "Initializing");
}

/** Asks the detectors in their order; the first drift that may be acted on becomes the plan. */
function decideDrift(context: ReconcileContext): Obstacle | null {
  const { loop, memory, node, draft, withheld } = context;
  const judgements = judge(loop.detectors, {
    inputFor: (name) => inputFor(context, name),
    failureOf: (name) => memory.observationOf(name)?.failure ?? null,
    waitOf: (found, name) => waitOf(context, found, name),
  });
  const first = judgements.find((said) => said.drift !== null)?.drift ?? null;
  for (const said of judgements) {
    noteJudgement(context, said);
    if (said.failure !== null) loop.report.detectorFailed(node, said.name, said.failure);
    if (said.drift === null) continue;
    loop.report.drift(node, driftReport(said, said.drift, loop.policy.mayAct(node)));
    if (said.mode !== "act" || said.waits !== null) continue;
    // What condition `Drift` says is not said twice; a roll-out's images are told again when it ends.
    const isTold = said.drift === first && !isRollOut({ ...said.drift, detector: said.name });
    planDrift(context, said.drift, { detector: said.name, isTold });
  }
  memory.hasJudged = true;
  tellFailures(context);
  // The drift that would be closed first is told, even where it is held back or only observed.
  setDrift(draft, first);
  return withheld;
}

function driftReport(
  { name, mode, waits }: Judgement,
  { reason, message, tasks }: Drift,
  mayAct: boolean,
): DriftReport {
  const types = tasks.map(({ type }) => type);
  return { detector: name, mode: mayAct && mode === "act" ? "act" : "observe", reason, message, tasks: types, waits };
}

/** Whether the stored plan goes on, with what stands in the way. */
export function isCarriedOn(context: ReconcileContext, obstacle: Obstacle | null): boolean {
  const { plan } = context.node.status;
  return (obstacle === null || obstacle === context.withheld) && plan?.phase === "Active" && isServed(context, plan);
}

/** Whether a plan may be carried out: of a spec that is withheld, only one that opens the gate and applies nothing. */
function isServed({ withheld, loop }: ReconcileContext, { tasks }: Pick<Drift | StoredPlan, "tasks">): boolean {
  return withheld === null || !touchesObjects(loop.facts, tasks);
}

/** For detectors that observed well and then threw, or answered nonsense. A failed observation is told elsewhere. */
function noteJudgement({ memory }: ReconcileContext, { name, failure }: Judgement): void {
  const isOfObserving = failure === memory.observationOf(name)?.failure;
  memory.noteFailure("misjudged", name, isOfObserving ? null : failure);
}

/** A plan that has ended, or that the reader set aside as corrupt, leaves status before anything else is decided. */
function clearEnded(context: ReconcileContext): void {
  const { plan } = context.draft.status;
  if (plan === null || plan === undefined || plan.phase === "Active") return;
  endPlan(context, plan, { outcome: plan.phase, message: endMessage(plan) });
}

function endMessage({ phase, message, failedTaskDetail: task }: StoredPlan): string {
  if (phase !== "Failed") return "";
  return task === undefined ? (message ?? "") : `task ${task.type}: ${task.error || "no reason was given"}`;
}

function init(context: ReconcileContext): null {
  const { loop, memory, node, draft, next } = context;
  if (!loop.policy.mayAct(node)) {
    next.atMost(loop.probeIntervalMs);
    return null;
  }
  const made = loop.facts.initPlan(node);
  if (lacksLiveRead(context, made.tasks)) return null;
  memory.liveRead = "done";
  setPhase(context, "Initializing");
  draft.set(initDigestOf(context));
  setPlan(context, planOf(made, "init", stampOf(context)));
  return null;
}

/** Initialises a node anew when a person asked for it; nothing in between stands in its way. */
function restart(context: ReconcileContext): null {
  const { loop, node, draft } = context;
  const word = unheededRestart(node, draft.status);
  if (word === null || !loop.policy.mayAct(node)) return null;
  if (lacksLiveRead(context, loop.facts.initPlan(node).tasks)) return null;
  draft.set({ reinitialized: word });
  return init(context);
}

/** What keeps a drift from becoming a plan, and the reconcile that comes when it may; null when nothing does. */
function waitOf(context: ReconcileContext, drift: Drift, detector: string): WaitingDrift["why"] | null {
  const { loop, node, next } = context;
  const history = loop.clock.steadied(nodeAfterDraft(context)).status.history ?? [];
  const now = loop.clock.wall();
  const wait = Math.max(
    waitMs(heldBackUntil(history, detector, node.metadata.generation), now),
    waitMs(graceUntil(history, drift.incarnation), now),
  );
  if (wait > 0) {
    next.atMost(wait);
    return "backOff";
  }
  if (!isServed(context, drift)) return "spec";
  // Where nothing may be done, the first drift is told alone, as if it might become the plan.
  if (!loop.policy.mayAct(node)) return null;
  if (!isSeenNow(context, detector)) {
    next.atMost(0);
    return "observation";
  }
  return drift.budget === undefined || loop.policy.admit(node, drift.budget) ? null : "place";
}

/** Makes a drift the plan. `isTold`: why is told elsewhere in status. */
function planDrift(
  context: ReconcileContext,
  drift: Drift,
  { detector, isTold }: { readonly detector: string; readonly isTold: boolean },
): void {
  const { loop, node, next } = context;
  if (!loop.policy.mayAct(node)) return next.atMost(loop.probeIntervalMs);
  if (lacksLiveRead(context, drift.tasks)) return;
  setPlan(context, planOf(isTold ? { ...drift, message: "" } : drift, detector, stampOf(context)), drift.message);
}

function setPlan({ loop, node, draft }: ReconcileContext, made: StoredPlan, message = made.message ?? ""): void {
  draft.set({ plan: made });
  const started = updateStartCondition(made);
  if (started !== null) draft.condition(started);
  draft.report({
    isStored: (stored) => hasPlan(stored, made.id),
    tell: () => loop.report.planStarted(node, { ...made, message }),
  });
}

function stampOf({ loop, node, draft }: ReconcileContext): Parameters<typeof planOf>[2] {
  const { generation } = node.metadata;
  return { id: loop.random.uuid4(), at: loop.clock.stamp(), generation, phase: draft.status.phase };
}
