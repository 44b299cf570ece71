import type { RunConfig } from "../config/index.ts";
import type { Shell } from "./shell.ts";

/** `tidekeeper run`: the controller, until stopped. Returns the exit code. */
export async function runController(_config: RunConfig, shell: Shell): Promise<number> {
  await shell.host.write("stderr", "tidekeeper run: this build has no controller yet\n");
  return 1;
}
