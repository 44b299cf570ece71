/**
 * Runs one task of a stored plan and says what it came to. Nothing here knows about time, plans in a row, or status.
 *
 * Invariants:
 * - a sidecar task is posted once and then polled (test/executor/sidecar-task.test.ts);
 * - nothing is done but by `confirmThen`: what it rests on is read live right before, and then the newest stored node and
 *   the Lease are asked, for each request (test/executor/confirm.test.ts);
 * - the gate is opened on proven ground alone (test/executor/mark-ready.test.ts);
 * - a node's Pod is deleted at most once a minute (test/executor/observe-image.test.ts);
 * - what earlier steps made is kept while later ones need it (test/executor/upkeep.test.ts);
 * - an imported claim is looked at and never written (test/executor/import-volume.test.ts, test/cluster/import.test.ts);
 * - an image is stamped only from the Pod that runs it (test/executor/observe-image.test.ts);
 * - a deletion takes down nothing but what has the node as its owner (test/executor/tear-down.test.ts).
 */
import type { Outcome } from "../core/plan.ts";
import type { TaskContext } from "../core/ports.ts";
import { failed } from "./outcomes.ts";
import type { ExecutorPorts, Task } from "./ports.ts";
import { tasks } from "./tasks/index.ts";
import { firstLoss } from "./upkeep.ts";

export { applySet } from "./tasks/apply-statefulset.ts";
export { adopt } from "./adopt.ts";
export { standing } from "./standing.ts";
export { tearDown } from "./tear-down.ts";
export type {
  Effects,
  ExecutorPorts,
  ImportPort,
  ObjectReads,
  ObjectRecipes,
  ObjectWrites,
  Permit,
  Precisely,
  Reply,
  SidecarReads,
  Task,
} from "./ports.ts";

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
