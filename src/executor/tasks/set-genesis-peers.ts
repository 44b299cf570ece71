/** The task `set-genesis-peers`: the sidecar takes the peers from the genesis. */
import { polledTask } from "../polled-task.ts";

/** The sidecar takes the peers from the genesis. */
export const setGenesisPeers = polledTask({
  type: "set-genesis-peers",
  about: "takes the peers from what all validators delivered",
});
