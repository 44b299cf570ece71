/** What the loop must know of tasks, by their types. */
import type { TaskTraits } from "../model/index.ts";
import { taskDeadlineMs } from "../seinode/plans/index.ts";

/** Opens a gate, whose Pod is read right before: it rests on no other object, and applies nothing of the spec. */
const OPENS_GATE: ReadonlySet<string> = new Set(["mark-ready"]);
/** Done without a sidecar in the plan of a Running node. */
const NEEDS_NO_SIDECAR: ReadonlySet<string> = new Set(["apply-statefulset", "apply-service", "observe-image"]);
const MAKES: ReadonlyMap<string, TaskTraits["makes"]> = new Map([
  ["ensure-data-pvc", "dataVolume"],
  ["apply-statefulset", "statefulSet"],
]);

/** The traits of a type; of one that nobody knows the worst. */
export function taskTraits(type: string): TaskTraits {
  return {
    limitMs: taskDeadlineMs(type),
    touchesObjects: !OPENS_GATE.has(type),
    needsSidecar: !NEEDS_NO_SIDECAR.has(type),
    makes: MAKES.get(type) ?? null,
  };
}
