/** The task `generate-gentx`: the sidecar makes a genesis transaction. */
import { polledTask } from "../polled-task.ts";

/** The sidecar makes a genesis transaction. */
export const generateGentx = polledTask({
  type: "generate-gentx",
  about: "makes the transaction by which a validator enters the genesis",
  params: { chainId: "text!", stakingAmount: "text!", accountBalance: "text!", genesisParams: "text" },
});
