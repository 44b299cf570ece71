/** The task `discover-peers`: the sidecar finds peers and writes them down. */
import { polledTask } from "../polled-task.ts";

/** The sidecar finds peers and writes them down. */
export const discoverPeers = polledTask({
  type: "discover-peers",
  about: "finds peers and writes them into the configuration",
  params: { sources: "list!" },
});
