/** From the command line to the command's own module. */
import { type Config, readConfig } from "../config/index.ts";
import type { Shell } from "./shell.ts";
import { currentVersion, versionText } from "../host/index.ts";

/** Reads the command line and does what it asks. Returns the exit code: 0 done, 1 failed, 2 wrong use. */
export async function dispatch(shell: Shell): Promise<number> {
  const { host } = shell;
  const { isAskedByKubectl, program } = startedAs(host.program);
  const result = readConfig(isAskedByKubectl ? ["__complete", ...host.argv] : host.argv, host.env);
  if (!result.ok) {
    await host.write("stderr", result.problems.map((problem) => `tidekeeper: ${problem}\n`).join(""));
    return 2;
  }
  return execute(result.config, shell, program);
}

/**
 * As kubectl's plugin: a file or link named `kubectl-tidekeeper` is `kubectl tidekeeper`, and one named
 * `kubectl_complete-tidekeeper` is asked by its completion.
 */
export function startedAs(name: string): { readonly isAskedByKubectl: boolean; readonly program: string } {
  const isAskedByKubectl = name.startsWith("kubectl_complete-");
  const isPlugin = isAskedByKubectl || name.startsWith("kubectl-");
  return { isAskedByKubectl, program: isPlugin ? "kubectl tidekeeper" : "tidekeeper" };
}

/** Rooms are loaded only by the command that needs them: `version` must not pay for a controller. */
async function execute(config: Config, shell: Shell, program: string): Promise<number> {
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
    case "drift":
    case "explain":
    case "history":
    case "get":
    case "doctor":
    case "completion":
    case "__complete":
      return (await import("./laptop.ts")).runFromLaptop(config, shell);
    case "help":
      await shell.host.write("stdout", await help(config.topic, shell.host.columns, program));
      return 0;
  }
}

async function help(topic: Config["command"] | null, columns: number | null, program: string): Promise<string> {
  const { helpText } = await import("./help.ts");
  const { builtinDetectors } = await import("../drift/index.ts");
  return helpText(topic, { columns, program, detectors: builtinDetectors.map(({ name }) => name) });
}
