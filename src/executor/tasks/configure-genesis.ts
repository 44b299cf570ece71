/** The task `configure-genesis`: the sidecar brings the genesis file. */
import { HOUR_MS } from "../task.ts";
import { polledTask } from "../polled-task.ts";

/** The sidecar brings the genesis file. */
export const configureGenesis = polledTask({
  type: "configure-genesis",
  about: "brings the genesis file",
  params: { expectedGenesisHash: "text" },
  // A genesis may be hundreds of megabytes over a slow line.
  deadlineMs: HOUR_MS,
});
