import { again, done, soon } from "../outcomes.ts";
import type { Task } from "../ports.ts";
import { submitOnce } from "./sidecar-task.ts";

/** Starts the sidecar's endless upload loop: handed over is done, since it never ends. */
export const snapshotUpload: Task = {
  type: "snapshot-upload",
  async run(context, ports) {
    const sidecar = ports.sidecar(context.node, ports.around(context.node));
    if (sidecar === null) return again(soon(context.sinceStartMs), "there is no Pod that could answer");
    const outcome = await submitOnce(context, { sidecar, ports });
    return outcome.kind === "submitted" ? done : outcome;
  },
};
