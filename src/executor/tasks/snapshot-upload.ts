import { withoutPod } from "../bootstrap.ts";
import { done } from "../outcomes.ts";
import type { Task } from "../ports.ts";
import { submitOnce } from "./sidecar-task.ts";

/** Starts the sidecar's endless upload loop: handed over is done, since it never ends. */
export const snapshotUpload: Task = {
  type: "snapshot-upload",
  async run(context, ports) {
    const sidecar = ports.sidecar(context.node, ports.around(context.node));
    if (sidecar === null) return withoutPod(context, ports);
    const outcome = await submitOnce(context, { sidecar, ports });
    return outcome.kind === "submitted" ? done : outcome;
  },
};
