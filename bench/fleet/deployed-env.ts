/** The environment that the Deployment gives the program, for a fair figure. */
import { HEAP_ENV, MEMORY_MIB } from "../../src/install/index.ts";

/** What the Deployment of `tidekeeper manifests` tells the runtime by its environment. */
export const deployedEnv: Readonly<Record<string, string>> = {
  [HEAP_ENV]: String(MEMORY_MIB * 2 ** 20),
};
