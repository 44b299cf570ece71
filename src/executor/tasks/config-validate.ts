/** The task `config-validate`: the sidecar checks the configuration. */
import { polledTask } from "../polled-task.ts";

/** The sidecar checks the configuration. */
export const configValidate = polledTask({
  type: "config-validate",
  about: "checks the configuration",
});
