/** Where a node stands in its life, as its status says. */

/** `status.phase`; absent until the first plan is built. */
export type Phase = "Pending" | "Initializing" | "Running" | "Failed" | "Terminating";
