/** Runs one task of a stored plan, by its type. */
import type { Outcome, TaskContext } from "../model/index.ts";
import { fail } from "./outcomes.ts";
import type { ExecutorPorts } from "./ports.ts";
import { repairLoss } from "./repair.ts";
import { taskOf } from "./task-table.ts";

/**
 * Runs the task of `context`. Rejects only on a defect. A plan that cannot be carried to its end is not carried on:
 * half of it may be worse than nothing.
 */
export async function execute(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const task = taskOf(context.task.type);
  const unknown = context.plan.tasks.find(({ type, status }) => status !== "Complete" && taskOf(type) === null);
  if (task === null || unknown !== undefined) {
    const type = unknown?.type ?? context.task.type;
    return fail("UNKNOWN_TASK", `task type ${type} is not known to this version`);
  }
  const repair = await repairLoss(context, ports);
  return repair === null || repair.kind === "done" ? task.run(context, ports) : repair;
}
