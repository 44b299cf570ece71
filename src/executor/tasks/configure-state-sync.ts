/** The task `configure-state-sync`: the sidecar sets seid up for state sync. */
import { polledTask } from "../polled-task.ts";

/** The sidecar sets seid up for state sync. */
export const configureStateSync = polledTask({
  type: "configure-state-sync",
  about: "sets seid up to fetch its first state",
  params: { useLocalSnapshot: "flag", trustPeriod: "text", backfillBlocks: "integer", rpcServers: "list" },
});
