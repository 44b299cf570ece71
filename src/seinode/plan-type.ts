/** What kind of plan a list of tasks is, for metrics that name it as the reference does. */

/** The closed set of label values. */
export type PlanType = "init" | "node-update" | "mark-ready-reapply" | "unknown";

/** Told from the tasks alone, so that plans of the reference have a type too. */
export function planTypeOf(tasks: readonly { readonly type: string }[]): PlanType {
  const types = new Set(tasks.map((task) => task.type));
  if (types.has("ensure-data-pvc")) return "init";
  if (types.has("observe-image")) return "node-update";
  return tasks.length === 1 && types.has("mark-ready") ? "mark-ready-reapply" : "unknown";
}
