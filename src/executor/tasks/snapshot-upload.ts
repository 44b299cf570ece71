/** The task `snapshot-upload`: starts the sidecar's upload of snapshots, which never ends. */
import { withoutPod } from "../bootstrap.ts";
import { done } from "../outcomes.ts";
import type { Task } from "../ports.ts";
import { addressee, submitOnce } from "./sidecar-task.ts";

/** Starts the sidecar's endless upload loop: handed over is done, since it never ends. */
export const snapshotUpload: Task = {
  type: "snapshot-upload",
  async run(context, ports) {
    const at = addressee(context, ports);
    if (at === null) return withoutPod(context, ports);
    const outcome = await submitOnce(context, at);
    return outcome.kind === "submitted" ? done : outcome;
  },
};
