/** Recipes of plans: the tasks that roll an image out, put objects back, open a gate. Params are those the reference persists. */
import type { SeiNode } from "./node.ts";
import type { TaskSpec } from "./plan.ts";
import { controllerTask, sidecarTask } from "./task-specs.ts";

/** Steps that put the objects back as they should be. */
export function applyTasks(node: SeiNode): readonly TaskSpec[] {
  return [controllerTask(node, "apply-statefulset"), controllerTask(node, "apply-service")];
}

/**
 * Steps that make the objects of another manager's node ours. `sees` = what runs is observed first, while nobody has
 * changed the template.
 */
export function takeOverTasks(node: SeiNode, { sees }: { readonly sees: boolean }): readonly TaskSpec[] {
  return [...(sees ? firstSightTasks(node) : []), ...applyTasks(node)];
}

/** The one step that observes what runs: without an apply before it, no Pod is replaced. */
export function firstSightTasks(node: SeiNode): readonly TaskSpec[] {
  return [controllerTask(node, "observe-image")];
}

/** Steps that roll an image out: apply, watch the roll-out to its end, open the new gate. */
export function imageUpdateTasks(node: SeiNode): readonly TaskSpec[] {
  return [...applyTasks(node), controllerTask(node, "observe-image"), ...markReadyTasks()];
}

/** The one step that opens a gate. */
export function markReadyTasks(): readonly TaskSpec[] {
  return [sidecarTask("mark-ready")];
}
