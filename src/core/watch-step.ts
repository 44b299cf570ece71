/**
 * How long a step has taken before our own eyes. Asked first, judged after: a deadline counts only what lies between two
 * tries of this very process, on its own clock, so nobody's absence, pause or wall clock uses it up. Source:
 * docs/design/0022-time.md.
 */
import {
  type Outcome,
  RUNNING_PLAN_DEADLINE_MS,
  type StoredPlan,
  type StoredTask,
  type TaskTraits,
} from "../model/index.ts";

/** What the tries of a node's current step have come to; monotonic milliseconds. */
export interface Watched {
  readonly planId: string;
  /** Which try of which task: a repeat has its time for itself. */
  readonly tryId: string;
  /** When, and what it came to; null before the first. */
  readonly triedAt: number | null;
  readonly state: StepState | null;
  /** For how long the plan was tried. */
  readonly planMs: number;
  /** For how long the step was seen under way. */
  readonly underWayMs: number;
  /** For how long in a row it could not be done, and the API server gave no answer. */
  readonly waitingMs: number;
  readonly unansweredMs: number;
  /** What it waits for, as it is told, and since when; `isTrouble` = what keeps its Pod from running. */
  readonly told: { readonly why: string; readonly at: number; readonly isTrouble: boolean } | null;
  /** It waits for its Pod, and has not done so for long enough to tell whether what was told before a restart still holds. */
  readonly isUnsure: boolean;
}

type StepState = "underWay" | "waiting" | "unanswered";

/** One try that did not end the step. */
export interface Try {
  readonly plan: StoredPlan;
  readonly task: StoredTask;
  readonly outcome: Outcome;
  readonly mono: number;
  /** Status tells already, from an earlier life of ours, that this step waits. */
  readonly wasTold: boolean;
}

/** Tries come closer than this; what lies further apart was not watched in between. */
const MAX_GAP_MS = 60_000;
/** A step that waits for so long says so; in a healing, and in most roll-outs, none does. */
const TELL_AFTER_MS = 60_000;
/** The words change with each cause, and each change is a write. */
const TELL_ANEW_MS = 600_000;
/** Longest text of a cause in a condition. */
const MAX_WHY = 300;

/** Takes in one try. */
export function watch(known: Watched | null, now: Try): Watched {
  const from = soFar(known, now);
  const state = stateOf(now.outcome);
  const gapMs = from.triedAt === null ? 0 : Math.min(MAX_GAP_MS, now.mono - from.triedAt);
  const isBoth = (isMeant: (one: StepState) => boolean): boolean =>
    from.state !== null && isMeant(from.state) && isMeant(state);
  const waitingMs = isBoth((one) => one !== "underWay") ? from.waitingMs + gapMs : 0;
  return {
    ...from,
    triedAt: now.mono,
    state,
    planMs: from.planMs + gapMs,
    underWayMs: from.underWayMs + (isBoth((one) => one === "underWay") ? gapMs : 0),
    waitingMs,
    unansweredMs: isBoth((one) => one === "unanswered") ? from.unansweredMs + gapMs : 0,
    told: toldOf(from.told, waitingMs, now),
    isUnsure: now.wasTold && isForPod(now.outcome) && waitingMs < SURE_AFTER_MS && from.told === null,
  };
}

/** What was watched before a try: of another plan nothing counts, of another step only what counts for the plan. */
function soFar(known: Watched | null, { plan, task }: Try): Watched {
  const tryId = tryOf(task);
  const blank = { tryId, state: null, underWayMs: 0, waitingMs: 0, unansweredMs: 0, told: null, isUnsure: false };
  if (known === null || known.planId !== plan.id) return { ...blank, planId: plan.id, triedAt: null, planMs: 0 };
  return known.tryId === tryId ? known : { ...known, ...blank };
}

function toldOf(told: Watched["told"], waitingMs: number, now: Try): Watched["told"] {
  const { outcome, mono, wasTold } = now;
  // Its words, and for how long they stay, are chosen already (trouble.ts).
  if (outcome.kind === "again" && outcome.isTrouble === true) return { why: outcome.why, at: mono, isTrouble: true };
  if (stateOf(outcome) === "underWay" || !("why" in outcome)) return null;
  const before = told?.isTrouble === true ? null : told;
  if (before !== null && mono - before.at < TELL_ANEW_MS) return before;
  const isNew = !wasTold || told !== null;
  const isSoon = waitingMs < TELL_AFTER_MS && (isNew || (isForPod(outcome) && waitingMs < SURE_AFTER_MS));
  return before === null && isSoon ? null : { why: outcome.why.slice(0, MAX_WHY), at: mono, isTrouble: false };
}

/** What keeps a Pod from coming is asked for first. */
const SURE_AFTER_MS = 10_000;

function isForPod(outcome: Outcome): boolean {
  return outcome.kind === "again" && outcome.awaitsPod === true && outcome.isTrouble !== true;
}

function stateOf(outcome: Outcome): StepState {
  if (outcome.kind === "submitted") return "underWay";
  // What was refused waits as well, where its plan goes on.
  if (outcome.kind !== "again") return "waiting";
  if (outcome.isUnderWay === true) return "underWay";
  return outcome.isUnanswered === true ? "unanswered" : "waiting";
}

function tryOf({ id, retryCount = 0 }: StoredTask): string {
  return `${id} ${retryCount}`;
}

/** What the step of a plan waits for, to be told: null = nothing worth it, undefined = it was not tried in this life. */
export function waitOf(watched: Watched | null, plan: StoredPlan, task: StoredTask): string | null | undefined {
  if (watched === null || watched.planId !== plan.id || watched.tryId !== tryOf(task)) return undefined;
  if (watched.told === null) return watched.isUnsure ? undefined : null;
  return waitText(task, watched.told.why);
}

/** The same words wherever they are told. */
export function waitText({ type }: Pick<StoredTask, "type">, why: string): string {
  return `${type} waits: ${why}`;
}

/**
 * The outcome of a try, or the end where time is up. What a sidecar or a Job was seen at for too long fails the plan of
 * init; what could not be begun fails nothing. The plan of a Running node ends when it was tried for 15 min, since it
 * mutes all else; where its step could not even be handed over, that is no failure of it.
 */
export function judgeByTime(
  outcome: Outcome,
  now: Try & { readonly watched: Watched; readonly traits: Pick<TaskTraits, "limitMs" | "needsSidecar"> },
): Outcome {
  if (outcome.kind !== "again" && outcome.kind !== "submitted") return outcome;
  const { plan, task, watched, traits } = now;
  const isInit = plan.failedPhase !== undefined;
  const isOver = isInit ? watched.underWayMs >= traits.limitMs : watched.planMs >= RUNNING_PLAN_DEADLINE_MS;
  if (!isOver) return outcome;
  const isTold = outcome.kind === "again" && (!isInit || outcome.isTrouble === true);
  const why = isTold ? `: ${outcome.why}` : "";
  if (!isInit && task.status === "Pending" && outcome.kind === "again" && traits.needsSidecar) {
    return { ...outcome, kind: "superseded", why: `${task.type} could not be handed over in time${why}` };
  }
  return { kind: "failed", code: "DEADLINE_EXCEEDED", why: `${task.type} did not finish in time${why}` };
}
