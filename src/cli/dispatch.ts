/** From the command line to the command's own module. */
import { type Config, readConfig } from "../config/index.ts";
import { helpText } from "./help.ts";
import type { Shell } from "./shell.ts";
import { currentVersion, versionText } from "../host/index.ts";

/** Reads the command line and does what it asks. Returns the exit code: 0 done, 1 failed, 2 wrong use. */
export async function dispatch(shell: Shell): Promise<number> {
  const { host } = shell;
  const result = readConfig(host.argv, host.env);
  if (!result.ok) {
    await host.write("stderr", result.problems.map((problem) => `tidekeeper: ${problem}\n`).join(""));
    return 2;
  }
  return execute(result.config, shell);
}

/** Rooms are loaded only by the command that needs them: `version` must not pay for a controller. */
async function execute(config: Config, shell: Shell): Promise<number> {
  switch (config.command) {
    case "run":
      return (await import("./run.ts")).runController(config, shell);
    case "demo":
      return (await import("./demo.ts")).runDemo(config, shell);
    case "manifests":
      return (await import("./manifests.ts")).printManifests(config, shell);
    case "version":
      await shell.host.write("stdout", versionText(currentVersion(shell.host.platform), config.output));
      return 0;
    case "help":
      await shell.host.write("stdout", helpText(config.topic));
      return 0;
  }
}
