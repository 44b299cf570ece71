/** What the loop must know of a type of task, which the task declares: the loop knows none by name. */

/** The declaration. Of a type that nobody knows the worst holds. */
export interface TaskTraits {
  /** Milliseconds that a sidecar or a Job may be seen at it before it counts as failed. */
  readonly limitMs: number;
  /** It rests on the node's objects or changes them, or carries what the spec says: all but what opens a gate. */
  readonly touchesObjects: boolean;
  /** A Running node's sidecar has to answer for it to be begun. */
  readonly needsSidecar: boolean;
  /** What it makes that the loop looks for later. */
  readonly makes: "dataVolume" | "statefulSet" | null;
}
