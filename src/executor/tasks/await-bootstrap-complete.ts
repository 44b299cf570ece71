/** The task `await-bootstrap-complete`: waits for the bootstrap Job. */
import { progressOfJob } from "../bootstrap.ts";
import { controllerStep, HOUR_MS, type Task } from "../task.ts";

/** Waits for the Job to reach its height. Fails with `BOOTSTRAP_FAILED` when it failed or is gone. */
export const awaitBootstrapComplete: Task = controllerStep({
  type: "await-bootstrap-complete",
  about: "waits for the bootstrap Job to reach its height",
  rbac: [{ apiGroups: ["batch"], resources: ["jobs"], verbs: ["get"] }],
  run: ({ node }, ports) => progressOfJob(node, ports),
  deadlineMs: 5 * 24 * HOUR_MS,
  params: { jobName: "text", namespace: "text" },
});
