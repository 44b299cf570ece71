/** `tidekeeper help`: the text, written from the flag table. */
import { COMMANDS, envName } from "../config/index.ts";
import type { Command, Config, Flag } from "../config/index.ts";

/** The help text: of one command, or of the whole. Ends with a newline. */
export function helpText(topic: Config["command"] | null): string {
  const command = COMMANDS.find((candidate) => candidate.name === topic);
  return command === undefined ? overview() : commandHelp(command);
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  return [
    "tidekeeper keeps SeiNodes from drifting.",
    "",
    "Usage: tidekeeper COMMAND [flags]",
    "",
    "Commands:",
    ...COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 70 a defect of ours.",
    "Flags of a command: tidekeeper help COMMAND",
    "",
  ].join("\n");
}

function commandHelp(command: Command): string {
  const words = [command.name, command.args, command.flags.length > 0 ? "[flags]" : ""].filter((word) => word !== "");
  const lines = [`tidekeeper ${command.name}: ${command.summary}`, "", `Usage: tidekeeper ${words.join(" ")}`, ""];
  if (command.flags.length > 0) lines.push("Flags, each with its environment twin (the flag wins):");
  for (const flag of command.flags) {
    lines.push(`  ${flagUsage(flag)}`, `      ${flag.help}${defaultOf(flag)}`, `      ${envName(flag)}`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

/** How a flag is written, such as `-n, --namespace NAME`. */
export function flagUsage(flag: Flag<unknown>): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  const value = flag.arity === "switch" ? "[=true|false]" : ` ${flag.placeholder ?? "VALUE"}`;
  return `${short}--${flag.name}${value}`;
}

function defaultOf(flag: Flag<unknown>): string {
  return flag.defaultText === null ? "" : ` (default ${flag.defaultText})`;
}
