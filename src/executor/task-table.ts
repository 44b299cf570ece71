/** What is declared of each task, by its type. */
import type { RbacRule, TaskTraits } from "../model/index.ts";
import { OPERATION_RULES } from "./operations/rules.ts";
import { type Task, type TaskFacts, USUAL_DEADLINE_MS } from "./task.ts";
import { tasks as all } from "./tasks/index.ts";

/** Every task that a plan may use. */
export const tasks: readonly TaskFacts[] = all;

/** All that the API server must let the executor do. */
export const executorRules: readonly RbacRule[] = [...all.flatMap(({ rbac }) => rbac), ...OPERATION_RULES];

const byType: ReadonlyMap<string, Task> = new Map(all.map((task) => [task.type, task]));

/** The task of a type; null when this version has none. */
export function taskOf(type: string): Task | null {
  return byType.get(type) ?? null;
}

/** Whether the controller does it itself, and no sidecar is needed. */
export function isByController(type: string): boolean {
  return byType.get(type)?.by === "controller";
}

/** What the loop must know of a type; of one that nobody knows the worst. */
export function taskTraits(type: string): TaskTraits {
  const { deadlineMs = USUAL_DEADLINE_MS, touchesObjects = true, makes = null } = byType.get(type) ?? {};
  return { limitMs: deadlineMs, touchesObjects, needsSidecar: !isByController(type), makes };
}
