/** The task `snapshot-restore`: the sidecar fetches a snapshot of the chain. */
import { HOUR_MS } from "../task.ts";
import { polledTask } from "../polled-task.ts";

/** The sidecar fetches a snapshot of the chain. */
export const snapshotRestore = polledTask({
  type: "snapshot-restore",
  about: "fetches a snapshot of the chain onto the volume",
  params: { targetHeight: "integer" },
  // Terabytes.
  deadlineMs: 48 * HOUR_MS,
});
