/** The task `await-bootstrap-complete`: waits for the bootstrap Job. */
import { progressOfJob } from "../bootstrap.ts";
import type { Task } from "../ports.ts";

/** Waits for the Job to reach its height. Fails with `BOOTSTRAP_FAILED` when it failed or is gone. */
export const awaitBootstrapComplete: Task = {
  type: "await-bootstrap-complete",
  run: ({ node }, ports) => progressOfJob(node, ports),
};
