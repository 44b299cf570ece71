/** Runs one task of a stored plan, by its type. */
import type { Outcome, TaskContext } from "../model/index.ts";
import { failed } from "./outcomes.ts";
import type { ExecutorPorts, Task } from "./ports.ts";
import { tasks } from "./tasks/index.ts";
import { firstLoss } from "./upkeep.ts";

/** Names of the task types that a plan may use. */
export const taskTypes: readonly string[] = tasks.map((task) => task.type);

const byType: ReadonlyMap<string, Task> = new Map(tasks.map((task) => [task.type, task]));

/**
 * Runs the task of `context`. Rejects only on a defect. A plan that cannot be carried to its end is not carried on:
 * half of it may be worse than nothing.
 */
export async function execute(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const task = byType.get(context.task.type);
  const unknown = context.plan.tasks.find(({ type, status }) => status !== "Complete" && !byType.has(type));
  if (task === undefined || unknown !== undefined) {
    const type = unknown?.type ?? context.task.type;
    return failed("UNKNOWN_TASK", `task type ${type} is not known to this version`);
  }
  const loss = firstLoss(context, ports);
  if (loss === null) return task.run(context, ports);
  const outcome = await loss.makeUp(context, ports);
  return outcome.kind === "done" ? task.run(context, ports) : outcome;
}
