/**
 * The life of a plan as pure steps: made from a drift, advanced by outcomes, ended once.
 *
 * Invariants: a plan's list of tasks never changes after it was made; a task's state never goes back, a retry
 * aside; ids follow from plan id, type and index alone (test/model/plan-lifecycle.test.ts).
 */
import { backOffMs, valueAt } from "../base/index.ts";
import type { SeiNode } from "./node.ts";
import type { Outcome } from "./outcome.ts";
import type { Phase } from "./phase.ts";
import type { Drift, StoredPlan, StoredTask } from "./plan.ts";
import { isEqual } from "./status.ts";
import { taskId } from "./task-id.ts";

/** A plan of a Running node that is tried for longer is given up, so that it cannot mute the detectors for ever. */
export const RUNNING_PLAN_DEADLINE_MS = 15 * 60_000;
const RETRY = { firstMs: 10_000, capMs: 30_000 };
/** Code of an object that the API server does not take. */
const REFUSED = "API_REFUSED";
/** Longest text of an error in status. */
const MAX_ERROR = 1024;

/** Gives a drift its identity. `id` is a fresh UUIDv4, `at` RFC 3339. */
export function planOf(
  drift: Drift,
  detector: string,
  stamp: { readonly id: string; readonly at: string; readonly generation: number; readonly phase?: Phase | undefined },
): StoredPlan {
  return {
    id: stamp.id,
    phase: "Active",
    detector,
    reason: drift.reason,
    ...(drift.message === "" ? {} : { message: drift.message }),
    createdAt: stamp.at,
    generation: stamp.generation,
    tasks: drift.tasks.map((task, index) => ({
      type: task.type,
      id: taskId(stamp.id, task.type, index),
      status: "Pending",
      params: task.params,
      ...(task.maxRetries === undefined ? {} : { maxRetries: task.maxRetries, retryCount: 0 }),
    })),
    ...(drift.targetPhase === undefined || drift.targetPhase === stamp.phase ? {} : { targetPhase: drift.targetPhase }),
    ...(drift.failedPhase === undefined ? {} : { failedPhase: drift.failedPhase }),
    ...(drift.madeFrom === undefined ? {} : { madeFrom: drift.madeFrom }),
    ...(drift.incarnation === undefined ? {} : { incarnation: drift.incarnation }),
    ...(drift.budget === undefined ? {} : { budget: drift.budget }),
  };
}

/** The first task that is not Complete, with its index; null when all are. */
export function currentTask(plan: StoredPlan): { readonly task: StoredTask; readonly index: number } | null {
  const index = plan.tasks.findIndex((task) => task.status !== "Complete");
  const task = plan.tasks[index];
  return task === undefined ? null : { task, index };
}

/** The plan with the start of a task noted; the same plan when it was noted before. */
export function withStart(plan: StoredPlan, index: number, at: string): StoredPlan {
  const task = plan.tasks[index];
  if (task === undefined || task.startedAt !== undefined) return plan;
  return withTask(plan, index, { ...task, startedAt: at });
}

/** The plan after one outcome of the task at `index`. A plan all of whose tasks are Complete is Complete. */
export function advancePlan(plan: StoredPlan, index: number, outcome: Outcome, at: string): StoredPlan {
  const task = plan.tasks[index];
  if (task === undefined) return plan;
  switch (outcome.kind) {
    case "again":
      return plan;
    case "submitted":
      return task.status === "Running" ? plan : withTask(plan, index, handedOver(task, at));
    case "done": {
      const { error: _overcome, ...clean } = task;
      const next = withTask(plan, index, { ...clean, status: "Complete" });
      return currentTask(next) === null ? { ...next, phase: "Complete" } : next;
    }
    case "failed": {
      const error = `${outcome.code}: ${outcome.why}`;
      if (isRetried(task, outcome)) return withTask(plan, index, nextTry(task, { error, at }));
      return waitsForEdit(plan, outcome)
        ? withTask(plan, index, { ...task, error: error.slice(0, MAX_ERROR) })
        : failed(plan, index, error);
    }
    case "superseded":
      return { ...plan, phase: "Failed" };
  }
}

/** What was refused before is overcome; why an earlier try failed is told until one is done. */
function handedOver(task: StoredTask, at: string): StoredTask {
  const { error, ...rest } = task;
  const kept = error === undefined || error.startsWith(REFUSED) ? rest : task;
  return { ...kept, status: "Running", submittedAt: at };
}

/** A webhook that hangs answers no apply, while all else goes on: it is taken for a refusal after this long. */
const UNANSWERED_MS = 60_000;

/** The outcome, or a refusal where a Running node's apply has gone without an answer for too long: it mutes all else. */
export function refuseUnanswered(plan: StoredPlan, index: number, outcome: Outcome, unansweredMs: number): Outcome {
  const { type = "" } = plan.tasks[index] ?? {};
  if (plan.failedPhase !== undefined || !type.startsWith("apply-")) return outcome;
  if (outcome.kind !== "again" || outcome.isUnanswered !== true) return outcome;
  return unansweredMs < UNANSWERED_MS
    ? outcome
    : { kind: "failed", code: REFUSED, why: `${outcome.why}, for a minute` };
}

/** Only what ran and failed is tried again: a refusal and an overrun stand. */
function isRetried(task: StoredTask, { code }: { readonly code: string }): boolean {
  return code === "SIDECAR_TASK_FAILED" && (task.retryCount ?? 0) < (task.maxRetries ?? 0);
}

/**
 * What the API server refuses in init is the spec's fault, and nothing came of it: the plan waits for the spec to be
 * corrected. That of a Running node is made again from the corrected spec instead.
 */
function waitsForEdit(plan: StoredPlan, { code }: { readonly code: string }): boolean {
  return plan.failedPhase !== undefined && code === REFUSED;
}

/** What the API server said to the current task, with its type, while an init plan waits for an edit; else null. */
export function refusalOf(plan: StoredPlan): string | null {
  const { type, error } = currentTask(plan)?.task ?? {};
  if (plan.phase !== "Active" || plan.failedPhase === undefined || error === undefined) return null;
  return error.startsWith(REFUSED) ? `task ${type}: ${error}` : null;
}

/** The same task with the same id, due after a pause. */
function nextTry(task: StoredTask, { error, at }: { readonly error: string; readonly at: string }): StoredTask {
  const { submittedAt: _before, ...rest } = task;
  const retryCount = (task.retryCount ?? 0) + 1;
  const startedAt = new Date(Date.parse(at) + retryDelayMs(retryCount)).toISOString();
  return { ...rest, status: "Pending", retryCount, startedAt, error: error.slice(0, MAX_ERROR) };
}

/** Milliseconds before the n-th repeat: 10 s, 20 s, then 30 s each. Source: the reference's executor. */
export function retryDelayMs(retryCount: number): number {
  return backOffMs(RETRY, retryCount);
}

/** Milliseconds until the task may be tried again, by the age of its start; 0 = now, also where it is further off than any pause. */
export function dueInMs(task: StoredTask, startAgeMs: number): number {
  if ((task.retryCount ?? 0) === 0) return 0;
  return startAgeMs < 0 && -startAgeMs <= RETRY.capMs ? -startAgeMs : 0;
}

function failed(plan: StoredPlan, index: number, why: string): StoredPlan {
  const task = plan.tasks[index];
  if (task === undefined) return plan;
  const error = why.slice(0, MAX_ERROR);
  const retryCount = task.retryCount ?? 0;
  const maxRetries = task.maxRetries ?? 0;
  return {
    ...withTask(plan, index, { ...task, status: "Failed", error }),
    phase: "Failed",
    failedTaskIndex: index,
    failedTaskDetail: { type: task.type, id: task.id, error, retryCount, maxRetries },
  };
}

/**
 * The plan with what its task waits for beside it, where that is the trouble of a Pod; why an earlier try failed stands.
 */
export function withWait(
  plan: StoredPlan,
  index: number,
  watched: { readonly told: { readonly why: string; readonly isTrouble: boolean } | null; readonly isUnsure: boolean },
): StoredPlan {
  const task = plan.tasks[index];
  const isTried = (task?.retryCount ?? 0) > 0 || task?.error?.startsWith(REFUSED) === true;
  if (task === undefined || isTried || watched.isUnsure) return plan;
  const { error: before, ...rest } = task;
  if (watched.told?.isTrouble !== true) return before === undefined ? plan : withTask(plan, index, rest);
  const error = watched.told.why.slice(0, MAX_ERROR);
  return error === before ? plan : withTask(plan, index, { ...rest, error });
}

function withTask(plan: StoredPlan, index: number, task: StoredTask): StoredPlan {
  return { ...plan, tasks: plan.tasks.with(index, task) };
}

/** Which spec field the plan was made from has changed since, as `spec.image`; null while all stand. Init plans never lapse. */
export function lapsedField(plan: StoredPlan, node: SeiNode): string | null {
  for (const [path, value] of Object.entries(plan.madeFrom ?? {})) {
    if (!isEqual(valueAt({ spec: node.spec }, path.split(".")), value)) return path;
  }
  return null;
}

/** Whether a plan rolls the node's Pod out, which is told from its start to its end. */
export function isRollOut(plan: Parameters<typeof planType>[0]): boolean {
  return planType(plan) === "node-update";
}

/** What a plan is for, as the metric label `plan_type` says it. Those of the reference have its names. */
export type PlanType =
  | "init"
  | "node-update"
  | "mark-ready-reapply"
  /** The objects are put back, or made as the spec has become. */
  | "workload-apply"
  /** Another manager's node becomes ours, or what runs is observed for the first time. */
  | "take-over"
  /** A plugin's own steps. */
  | "plugin"
  /** A stored plan that names nobody who asked for it, and whose steps are none of ours. */
  | "unknown";

/** The type of a plan, by its steps: a plugin's that does what a built-in's does is of the same type. */
export function planType(plan: {
  readonly tasks: readonly Pick<StoredTask, "type">[];
  readonly detector?: string | undefined;
  readonly reason?: string | undefined;
}): PlanType {
  const types = plan.tasks.map(({ type }) => type);
  const first = types.find((type) => type === "ensure-data-pvc" || type === "observe-image");
  if (first === "ensure-data-pvc") return "init";
  if (first !== undefined) return types.includes("mark-ready") ? "node-update" : "take-over";
  if (types.length === 1 && types[0] === "mark-ready") return "mark-ready-reapply";
  if (plan.reason === "TakeOver") return "take-over";
  if (types.length > 0 && types.every((type) => type.startsWith("apply-"))) return "workload-apply";
  return plan.detector === undefined ? "unknown" : "plugin";
}
