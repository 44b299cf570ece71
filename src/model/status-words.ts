/** The closed sets of words in `status`: what the schema lets in and the reader takes over. */

/** Phases of a node; the empty text stands for none. */
export const PHASES = ["Pending", "Initializing", "Running", "Failed", "Terminating"] as const;

/** Phases of a plan. */
export const PLAN_PHASES = ["Active", "Complete", "Failed"] as const;

/** States of a task. */
export const TASK_STATES = ["Pending", "Running", "Complete", "Failed"] as const;

/** How plans end. */
export const OUTCOMES = ["Complete", "Failed", "Superseded"] as const;

/** States of a condition. */
export const CONDITION_STATES = ["True", "False", "Unknown"] as const;

/** What the readiness of a sidecar changes to. */
export const READINESS = ["Ready", "NotReady"] as const;
