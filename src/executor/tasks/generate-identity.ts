/** The task `generate-identity`: the sidecar makes the keys of a validator that is born with its chain. */
import { HOUR_MS } from "../task.ts";
import { polledTask } from "../polled-task.ts";

/** The sidecar makes the keys of a validator that is born with its chain. */
export const generateIdentity = polledTask({
  type: "generate-identity",
  about: "makes keys and an identity on an empty volume",
  params: { chainId: "text!", moniker: "text!" },
  deadlineMs: HOUR_MS,
});
