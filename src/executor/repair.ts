/**
 * What earlier steps of a plan made is kept while later ones need it: outside of a plan the workload detector puts a
 * set or a Service back, and here nobody else would. How it is kept each task says itself.
 */
import { workflowHold } from "../model/gate/index.ts";
import type { Outcome, StoredPlan, TaskContext } from "../model/index.ts";
import type { ExecutorPorts } from "./ports.ts";
import type { KeptContext, Keeper } from "./task.ts";
import { isByController, taskOf } from "./task-table.ts";

/**
 * Puts back the first thing that an earlier step made and that does not stand any more, as far as is stored. The outcome of
 * the present task meanwhile; null when all of it stands.
 */
export async function repairLoss(context: TaskContext, ports: ExecutorPorts): Promise<Outcome | null> {
  if (workflowHold(context.node) !== null) return null;
  const kept: KeptContext = { ...context, isConfigured: hasFinishedAStep(context.plan) };
  const lost = keepersOf(context).find((keeper) => !keeper.stands(kept, ports));
  return lost === undefined ? null : lost.restore(kept, ports);
}

/** Keepers of the steps that are over, without those whose work was taken down since. */
function keepersOf({ plan, index }: TaskContext): readonly Keeper[] {
  const begun = plan.tasks.slice(0, index + 1).map(({ type }) => type);
  const undone = new Set(begun.flatMap((type) => taskOf(type)?.undoes ?? []));
  return begun.slice(0, -1).flatMap((type) => (undone.has(type) ? [] : (taskOf(type)?.keeper ?? [])));
}

/** What this version does not know was a sidecar's as well. */
function hasFinishedAStep({ tasks }: StoredPlan): boolean {
  return tasks.some(({ type, status }) => !isByController(type) && status === "Complete");
}
