import type { ManifestsConfig } from "../config/index.ts";
import type { Shell } from "./shell.ts";

/** `tidekeeper manifests`: what has to be in a cluster before `run`, as YAML. Returns the exit code. */
export async function printManifests(_config: ManifestsConfig, shell: Shell): Promise<number> {
  await shell.host.write("stderr", "tidekeeper manifests: this build has no manifests yet\n");
  return 1;
}
