/** The task `config-apply`: the sidecar writes the configuration of seid. */
import { polledTask } from "../polled-task.ts";

/** The sidecar writes the configuration of seid. */
export const configApply = polledTask({
  type: "config-apply",
  about: "writes the configuration of seid: the mode's defaults, and overrides",
  params: { mode: "text!", overrides: "map" },
  always: { incremental: false, targetVersion: 0 },
});
