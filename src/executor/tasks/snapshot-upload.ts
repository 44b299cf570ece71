/** The task `snapshot-upload`: starts the sidecar's upload of snapshots, which never ends. */
import { withoutPod } from "../bootstrap.ts";
import { done } from "../outcomes.ts";
import { addressee, submitOnce } from "../polled-task.ts";
import { sidecarStep, type Task } from "../task.ts";

/** Starts the sidecar's endless upload loop: handed over is done, since it never ends. */
export const snapshotUpload: Task = sidecarStep({
  type: "snapshot-upload",
  about: "starts the upload of snapshots, which never ends: handed over is done",
  async run(context, ports) {
    const at = addressee(snapshotUpload, context, ports);
    if (at === null) return withoutPod(context, ports);
    const outcome = await submitOnce(context, at);
    return outcome.kind === "submitted" ? done : outcome;
  },
});
