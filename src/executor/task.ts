/** One type of task: what runs it, and all that others need to know of it. */
import type { JsonObject } from "../base/index.ts";
import type { Outcome, RbacRule, TaskContext, TaskTraits } from "../model/index.ts";
import type { ExecutorPorts } from "./ports.ts";

/** What a param holds; `!` = it must be there. */
export type ParamKind = "text" | "text!" | "integer" | "flag" | "list" | "list!" | "map" | "map!";

/** What is known of a task without running it. */
export interface TaskFacts {
  readonly type: string;
  /** One sentence for people, no full stop. */
  readonly about: string;
  /** Who does it; what is the sidecar's is handed over and polled. */
  readonly by: "controller" | "sidecar";
  /**
   * Milliseconds that a step of an init plan may be seen under way. A step that could not be begun has no deadline, and a
   * Running node's plan has one for all. Source: none measured; each leaves room for the slowest honest case.
   */
  readonly deadlineMs: number;
  /** As `TaskTraits` has them: what the loop must know. */
  readonly touchesObjects: TaskTraits["touchesObjects"];
  readonly makes: TaskTraits["makes"];
  /** What the API server must let it do, besides what the mirrors read. */
  readonly rbac: readonly RbacRule[];
  /** Params as they stand in a plan. */
  readonly params: Readonly<Record<string, ParamKind>>;
}

/** One type of task. Adding one: a file in `tasks/`, a line in `tasks/index.ts`. */
export interface Task extends TaskFacts {
  run(context: TaskContext, ports: ExecutorPorts): Promise<Outcome>;
  /** Sent to the sidecar whatever stands in the plan. */
  readonly always?: JsonObject;
  /** How its work is kept while later steps need it; absent = it leaves nothing behind that could be lost. */
  readonly keeper?: Keeper;
  /** Tasks whose work it takes down, so that nobody keeps it any more. */
  readonly undoes?: readonly string[];
}

/** What a keeper knows of the plan besides. */
export interface KeptContext extends TaskContext {
  /** Whether a sidecar has finished a step: a volume that is blank, or a Job that is new, is not what it was by then. */
  readonly isConfigured: boolean;
}

/** How the work of a step that is over is kept. */
export interface Keeper {
  /** Whether it still stands, as far as is stored. */
  stands(context: KeptContext, ports: ExecutorPorts): boolean;
  /** The outcome of the present task meanwhile; `done` where nothing was lost after all, and the task may run. */
  restore(context: KeptContext, ports: ExecutorPorts): Promise<Outcome>;
}

const MINUTE_MS = 60_000;
/** One hour. */
export const HOUR_MS = 60 * MINUTE_MS;
/** What most tasks may take. */
export const USUAL_DEADLINE_MS = 15 * MINUTE_MS;

/** What the controller does itself is for people who read the plan: it acts on the node it works for. */
const CONTROLLER_PARAMS = { nodeName: "text", namespace: "text" } as const;

/** What a task declares; the rest follows from who does it. */
export type Given = Omit<Task, "by" | "params" | keyof typeof USUAL> &
  Partial<Pick<Task, "params" | keyof typeof USUAL>>;

const USUAL = { deadlineMs: USUAL_DEADLINE_MS, touchesObjects: true, makes: null } as const;

/** A task that the controller does itself. */
export function controllerStep(given: Given): Task {
  return { ...USUAL, params: CONTROLLER_PARAMS, ...given, by: "controller" };
}

/** A task that the sidecar does. */
export function sidecarStep(given: Omit<Given, "rbac">): Task {
  return { ...USUAL, params: {}, ...given, rbac: HAND_OVER, by: "sidecar" };
}

/** What a hand-over rests on is read live. The proxy is for `--sidecar-transport apiserver` alone. */
const HAND_OVER: readonly RbacRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get"] },
  { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods/proxy"], verbs: ["get", "create"] },
];
