/** What a task is given. */
import type { SeiNode } from "./node.ts";
import type { StoredPlan, StoredTask } from "./plan.ts";

/** What a task is given besides itself. */
export interface TaskContext {
  readonly node: SeiNode;
  readonly plan: StoredPlan;
  readonly index: number;
  readonly task: StoredTask;
  /** True when the plan was made in this very reconcile and the task was not tried yet, so nobody can have sent it before. */
  readonly fresh: boolean;
  /** Milliseconds since the task was first tried. */
  readonly sinceStartMs: number;
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly signal: AbortSignal;
}
