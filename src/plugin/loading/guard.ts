/** Checks of what came out of foreign code, before anything is stored or done for it. Nothing here throws. */
import { type Drift, type Guard, PHASES } from "../../model/index.ts";
import { isObject } from "../../base/index.ts";
import { jsonProblem, kindOf } from "./plain-json.ts";

/** Bounds on what a detector may return. */
export const LIMITS = {
  tasks: 64,
  /** A whole drift, params included. */
  driftBytes: 65_536,
  observedBytes: 65_536,
  messageChars: 1_024,
  conditions: 16,
  depth: 32,
} as const;

/** A drift that can be stored, or why it cannot. */
export type DriftCheck = { readonly ok: true; readonly drift: Drift } | { readonly ok: false; readonly why: string };

/** Good, or why not. */
export type Check = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Checks the answer of `detect`; `why` opens with the detector's name. Not for `null`, which is no drift. */
export function checkDrift(detectorName: string, value: unknown, knownTaskTypes: ReadonlySet<string>): DriftCheck {
  const problem = total(() => driftProblem(value, knownTaskTypes));
  if (problem === null && isDrift(value)) return { ok: true, drift: value };
  return { ok: false, why: `detector ${detectorName}: ${problem ?? "no drift"}` };
}

/** The parsed edge: called only for what `driftProblem` found nothing wrong with. */
function isDrift(value: unknown): value is Drift {
  return isObject(value);
}

/** Checks the answer of `conditions`: the API server would refuse the whole status for one bad reason. */
export function checkConditions(detectorName: string, value: unknown): Check {
  const problem = total(() => conditionsProblem(value));
  return problem === null ? { ok: true } : { ok: false, why: `detector ${detectorName}: ${problem}` };
}

/** Checks the answer of `observe`: plain JSON of at most 64 KiB, or null. */
export function checkObserved(detectorName: string, value: unknown): Check {
  const problem = total(() => observedProblem(value));
  return problem === null ? { ok: true } : { ok: false, why: `detector ${detectorName}: ${problem}` };
}

/**
 * The same checks as the loop takes them; it adds the detector's name itself. `takenConditions` are the types that built-in
 * detectors set: no plugin may.
 */
export function guardFor(knownTaskTypes: ReadonlySet<string>, takenConditions: readonly string[]): Guard {
  const taken = new Set<unknown>([...LOOP_CONDITIONS, ...takenConditions]);
  return {
    observed: (value) => total(() => observedProblem(value)),
    drift: (value) => total(() => driftProblem(value, knownTaskTypes)),
    conditions: (value) => total(() => conditionsProblem(value) ?? takenProblem(value, taken)),
  };
}

/** A getter or a proxy may throw while it is looked at. */
function total(problem: () => string | null): string | null {
  try {
    return problem();
  } catch {
    return "what it returned cannot be read as plain data";
  }
}

function observedProblem(value: unknown): string | null {
  if (value === undefined) return "observe() returned nothing; return null when there is nothing to see";
  const problem = jsonProblem(value, { maxBytes: LIMITS.observedBytes, maxDepth: LIMITS.depth });
  return problem === null ? null : `observe() returned what cannot be kept: ${problem}`;
}

const DRIFT_FIELDS = new Set([
  "reason",
  "message",
  "tasks",
  "madeFrom",
  "incarnation",
  "targetPhase",
  "failedPhase",
  "budget",
]);

function driftProblem(value: unknown, knownTaskTypes: ReadonlySet<string>): string | null {
  if (value === undefined) return "detect() returned nothing; return null when there is no drift";
  if (isThenable(value)) return "detect() must be synchronous; put I/O in observe()";
  if (!isObject(value)) return `detect() returned ${kindOf(value)}, want a drift or null`;
  const json = jsonProblem(value, { maxBytes: LIMITS.driftBytes, maxDepth: LIMITS.depth });
  if (json !== null) return `detect() returned what cannot be stored: ${json}`;
  const stray = Object.keys(value).find((key) => !DRIFT_FIELDS.has(key));
  if (stray !== undefined) return `"${stray.slice(0, 64)}" is no field of a drift`;
  return (
    reasonProblem(value["reason"], "reason") ??
    messageProblem(value["message"], "message") ??
    tasksProblem(value["tasks"], knownTaskTypes) ??
    optionalProblem(value)
  );
}

function tasksProblem(tasks: unknown, knownTaskTypes: ReadonlySet<string>): string | null {
  if (!Array.isArray(tasks)) return `tasks: got ${kindOf(tasks)}, want a list`;
  if (tasks.length === 0) return "tasks: got none, want at least one. Return null when there is nothing to do";
  if (tasks.length > LIMITS.tasks) return `tasks: got ${tasks.length}, want at most ${LIMITS.tasks}`;
  const list: readonly unknown[] = tasks;
  for (const [index, task] of list.entries()) {
    const where = `tasks[${index}]`;
    if (!isObject(task)) return `${where}: got ${kindOf(task)}, want { type, params }`;
    const { type, params } = task;
    if (typeof type !== "string") return `${where}.type: got ${kindOf(type)}, want a task type`;
    if (!knownTaskTypes.has(type)) return `${where}.type ${JSON.stringify(type.slice(0, 64))} is not registered`;
    if (!isObject(params)) return `${where}.params: got ${kindOf(params)}, want an object`;
  }
  return null;
}

function optionalProblem(drift: Readonly<Record<string, unknown>>): string | null {
  const { madeFrom, incarnation, budget } = drift;
  if (madeFrom !== undefined && !isObject(madeFrom)) return `madeFrom: got ${kindOf(madeFrom)}, want an object`;
  for (const field of ["targetPhase", "failedPhase"]) {
    const phase = drift[field];
    if (phase !== undefined && !PHASES.some((one) => one === phase))
      return `${field}: got ${shown(phase)}, want ${PHASES.join(", ")}`;
  }
  if (budget !== undefined && (typeof budget !== "string" || !/^[a-z0-9][-a-z0-9]{0,62}$/.test(budget))) {
    return `budget: got ${shown(budget)}, want a name of lower case letters, digits and hyphens`;
  }
  if (incarnation === undefined) return null;
  if (!isObject(incarnation)) return `incarnation: got ${kindOf(incarnation)}, want an object`;
  const { podUid, containerId, restartCount } = incarnation;
  if (typeof podUid !== "string") return `incarnation.podUid: got ${kindOf(podUid)}, want a Pod's UID`;
  if (typeof containerId !== "string")
    return `incarnation.containerId: got ${kindOf(containerId)}, want a container's id`;
  if (Number.isInteger(restartCount)) return null;
  return `incarnation.restartCount: got ${shown(restartCount)}, want a whole number`;
}

function conditionsProblem(value: unknown): string | null {
  if (!Array.isArray(value)) return `conditions() returned ${kindOf(value)}, want a list`;
  if (value.length > LIMITS.conditions) return `conditions: got ${value.length}, want at most ${LIMITS.conditions}`;
  const seen = new Set<unknown>();
  const list: readonly unknown[] = value;
  for (const [index, condition] of list.entries()) {
    const problem = conditionProblem(condition, `conditions[${index}]`);
    if (problem !== null) return problem;
    const type = isObject(condition) ? condition["type"] : null;
    if (seen.has(type)) return `conditions[${index}].type ${JSON.stringify(type)} is given twice`;
    seen.add(type);
  }
  return null;
}

/** Conditions that tell what this program, or the manager of a workflow, does: nothing may be read into them by others. */
const LOOP_CONDITIONS = [
  "Ready",
  "Reconciling",
  "Stalled",
  "Drift",
  "DetectorFailed",
  "Paused",
  "NodeUpdateInProgress",
  "WorkflowInProgress",
  "ImportPVCReady",
];

function takenProblem(conditions: unknown, all: ReadonlySet<unknown>): string | null {
  const list: readonly unknown[] = Array.isArray(conditions) ? conditions : [];
  const types = list.map((condition) => (isObject(condition) ? condition["type"] : null));
  const taken = types.find((type) => all.has(type));
  return taken === undefined
    ? null
    : `conditions: got type ${shown(taken)}, which is not a plugin's. Give it another name`;
}

function conditionProblem(value: unknown, where: string): string | null {
  if (!isObject(value)) return `${where}: got ${kindOf(value)}, want { type, status, reason, message }`;
  const { type, status } = value;
  if (typeof type !== "string" || !/^[A-Z][A-Za-z0-9]{0,62}$/.test(type)) {
    return `${where}.type: got ${shown(type)}, want a CamelCase name`;
  }
  if (status !== "True" && status !== "False" && status !== "Unknown") {
    return `${where}.status: got ${shown(status)}, want True, False or Unknown`;
  }
  return (
    reasonProblem(value["reason"], `${where}.reason`) ??
    // Empty is fine here: the API requires the field, not words in it.
    (value["message"] === "" ? null : messageProblem(value["message"], `${where}.message`))
  );
}

function reasonProblem(reason: unknown, where: string): string | null {
  if (typeof reason === "string" && /^[A-Z][A-Za-z0-9]{0,127}$/.test(reason)) return null;
  return `${where}: got ${shown(reason)}, want CamelCase of at most 128 characters`;
}

function messageProblem(message: unknown, where: string): string | null {
  if (typeof message !== "string" || message === "") return `${where}: got ${shown(message)}, want a sentence`;
  if (message.length > LIMITS.messageChars) {
    return `${where}: got ${message.length} characters, want at most ${LIMITS.messageChars}`;
  }
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  const bad = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(message) || !message.isWellFormed();
  return bad ? `${where}: got control characters, want one plain line` : null;
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 64)) : kindOf(value);
}

function isThenable(value: unknown): boolean {
  return isObject(value) && typeof value["then"] === "function";
}
