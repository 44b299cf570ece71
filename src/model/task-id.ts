/** Task ids: one per step of a plan, the same after every restart, so that a sidecar sees each step once. */

/** Namespace of all task ids; the reference's, so that ids agree. Source: the reference's `internal/task`. */
const TASK_NAMESPACE = "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b";

/** The id of a step: UUIDv5 of `planId/type/index`; `index` counts from zero over the whole plan. */
export function taskId(planId: string, type: string, index: number): string {
  // The name says random, but version 5 is a SHA-1 of its inputs and nothing else.
  return Bun.randomUUIDv5(`${planId}/${type}/${index}`, TASK_NAMESPACE);
}
