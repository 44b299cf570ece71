import type { DemoConfig } from "../config/index.ts";
import type { Shell } from "./shell.ts";

/** `tidekeeper demo`: the controller on the simulated cluster. Returns the exit code. */
export async function runDemo(_config: DemoConfig, shell: Shell): Promise<number> {
  await shell.host.write("stderr", "tidekeeper demo: this build has no simulated cluster yet\n");
  return 1;
}
