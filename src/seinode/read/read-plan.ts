/** `status.plan` as found: taken over only when it is a plan that we or the reference can have written. */
import {
  arrayAt,
  countAt,
  field,
  integerAt,
  intern,
  isDeeperThan,
  isObject,
  type JsonObject,
  messageAt,
  objectAt,
  present,
  stringAt,
  timeAt,
  wordAt,
} from "../../base/index.ts";
import {
  type Incarnation,
  type Phase,
  PHASES,
  PLAN_PHASES,
  type StoredPlan,
  type StoredTask,
  TASK_STATES,
  taskId,
} from "../../model/index.ts";

/** A plan, or why what stands there is none: `CorruptPlan: …`, one line. Both null when nothing stands there. */
export interface PlanReading {
  readonly plan: StoredPlan | null;
  readonly corrupt: string | null;
}

/** Whose plan it should be; tasks that name another node make it corrupt. */
export interface PlanOwner {
  readonly namespace: string;
  readonly name: string;
}

/** Reads `status.plan`. Never throws. Whether a task type is known is for the executor to say. */
export function readPlan(raw: unknown, owner: PlanOwner | null = null): PlanReading {
  if (raw === undefined || raw === null) return { plan: null, corrupt: null };
  const why = planFault(raw) ?? taskFaults(raw, owner);
  return why === null ? { plan: plan(raw), corrupt: null } : { plan: null, corrupt: `CorruptPlan: ${why}` };
}

/**
 * Stands in for a corrupt plan: a Failed plan without tasks, so that it is recorded and cleared as any failed
 * plan is, and no effect of it is ever sent. Without `failedPhase`: the node keeps its phase.
 */
export function corruptPlan(raw: unknown, why: string): StoredPlan {
  return { id: showValue(stringAt(raw, "id") ?? ""), phase: "Failed", tasks: [], reason: "CorruptPlan", message: why };
}

function planFault(raw: unknown): string | null {
  const id = stringAt(raw, "id");
  if (id === null || !UUID.test(id)) return `id: got ${shownValue(field(raw, "id"))}, want a UUID`;
  if (readPlanPhase(raw) === null)
    return `phase: got ${shownValue(field(raw, "phase"))}, want Active, Complete or Failed`;
  const tasks = field(raw, "tasks");
  if (!Array.isArray(tasks) || tasks.length === 0) return "tasks: got none, want at least one task";
  if (tasks.length > MAX_TASKS) return `tasks: got ${tasks.length}, want at most ${MAX_TASKS}`;
  return mapFault("madeFrom", field(raw, "madeFrom"));
}

function taskFaults(raw: unknown, owner: PlanOwner | null): string | null {
  const planId = stringAt(raw, "id") ?? "";
  for (const [index, task] of arrayAt(raw, "tasks").entries()) {
    const why = taskFault(task, planId, index) ?? paramsFault(task, owner);
    if (why !== null) return `task ${index}: ${why}`;
  }
  return null;
}

function taskFault(task: unknown, planId: string, index: number): string | null {
  const type = stringAt(task, "type");
  if (type === null || !TASK_TYPE.test(type)) return `type: got ${shownValue(field(task, "type"))}, want a task type`;
  const id = stringAt(task, "id");
  if (id !== taskId(planId, type, index)) {
    return `id ${shownValue(field(task, "id"))} does not match planID/type/index`;
  }
  if (readTaskState(task) === null) {
    return `status: got ${shownValue(field(task, "status"))}, want Pending, Running, Complete or Failed`;
  }
  return null;
}

function paramsFault(task: unknown, owner: PlanOwner | null): string | null {
  const params = field(task, "params");
  const fault = mapFault("params", params);
  if (fault !== null || owner === null) return fault;
  const node = stringAt(params, "nodeName") ?? owner.name;
  const namespace = stringAt(params, "namespace") ?? owner.namespace;
  if (node === owner.name && namespace === owner.namespace) return null;
  return `params: got those of ${showValue(namespace)}/${showValue(node)}, want those of ${owner.namespace}/${owner.name}`;
}

/** What is wrong with an object of free content; null when it is sound or not there. */
function mapFault(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) return `${name}: got ${shownValue(value)}, want an object`;
  if (isDeeperThan(value, MAX_DEPTH)) return `${name}: nested deeper than ${MAX_DEPTH} levels`;
  const length = JSON.stringify(value).length;
  return length > MAX_LENGTH ? `${name}: got ${length} characters, want at most ${MAX_LENGTH}` : null;
}

function plan(raw: unknown): StoredPlan {
  const detail = failedDetail(field(raw, "failedTaskDetail"));
  const incarnation = readIncarnation(field(raw, "incarnation"));
  return {
    id: stringAt(raw, "id") ?? "",
    phase: readPlanPhase(raw) ?? "Failed",
    tasks: arrayAt(raw, "tasks").map(task),
    ...present("targetPhase", readPhase(field(raw, "targetPhase"))),
    ...present("failedPhase", readPhase(field(raw, "failedPhase"))),
    ...present("failedTaskIndex", countAt(raw, "failedTaskIndex")),
    ...present("failedTaskDetail", detail),
    ...present("detector", wordAt(raw, "detector")),
    ...present("reason", wordAt(raw, "reason")),
    ...present("message", messageAt(raw, "message")),
    ...present("createdAt", timeAt(raw, "createdAt")),
    ...present("generation", integerAt(raw, "generation")),
    ...present("madeFrom", objectOrNull(field(raw, "madeFrom"))),
    ...present("incarnation", incarnation),
    ...present("budget", wordAt(raw, "budget")),
  };
}

function task(raw: unknown): StoredTask {
  return {
    type: intern(stringAt(raw, "type") ?? ""),
    id: stringAt(raw, "id") ?? "",
    status: readTaskState(raw) ?? "Failed",
    params: objectAt(raw, "params"),
    ...present("startedAt", timeAt(raw, "startedAt")),
    ...present("submittedAt", timeAt(raw, "submittedAt")),
    ...present("error", messageAt(raw, "error")),
    ...present("maxRetries", countAt(raw, "maxRetries")),
    ...present("retryCount", countAt(raw, "retryCount")),
  };
}

function failedDetail(raw: unknown): StoredPlan["failedTaskDetail"] | null {
  if (!isObject(raw)) return null;
  return {
    type: wordAt(raw, "type") ?? "",
    id: wordAt(raw, "id") ?? "",
    error: messageAt(raw, "error") ?? "",
    retryCount: countAt(raw, "retryCount") ?? 0,
    maxRetries: countAt(raw, "maxRetries") ?? 0,
  };
}

/** The life of a sidecar; null when it is not whole. */
export function readIncarnation(raw: unknown): Incarnation | null {
  const podUid = wordAt(raw, "podUid");
  const containerId = stringAt(raw, "containerId") === "" ? "" : wordAt(raw, "containerId");
  const restartCount = countAt(raw, "restartCount");
  return podUid === null || containerId === null || restartCount === null
    ? null
    : { podUid, containerId, restartCount };
}

function readPlanPhase(raw: unknown): StoredPlan["phase"] | null {
  const value = stringAt(raw, "phase");
  return PLAN_PHASES.find((phase) => phase === value) ?? null;
}

function readTaskState(raw: unknown): StoredTask["status"] | null {
  const value = stringAt(raw, "status");
  return TASK_STATES.find((state) => state === value) ?? null;
}

/** A phase of a SeiNode; null for the empty string and anything else. */
export function readPhase(value: unknown): Phase | null {
  return PHASES.find((phase) => phase === value) ?? null;
}

function objectOrNull(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

function shownValue(value: unknown): string {
  if (typeof value === "string") return `"${showValue(value)}"`;
  if (value === undefined) return "nothing";
  return typeof value === "number" || typeof value === "boolean" || value === null ? String(value) : typeof value;
}

/** Text of somebody else's for a message of ours: short, and printable ASCII alone. */
function showValue(text: string): string {
  return text.slice(0, MAX_SHOWN).replaceAll(/[^\x20-\x7e]/g, "?");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TASK_TYPE = /^[a-z0-9][-a-z0-9.]{0,62}$/;
const MAX_TASKS = 64;
const MAX_DEPTH = 32;
/** A thousand peers fit. */
const MAX_LENGTH = 256 * 1024;
const MAX_SHOWN = 64;
