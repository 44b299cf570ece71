/** Every command there is, with the flags it takes. */
import type { Flag } from "./flag.ts";
import { type CommandName, FLAGS } from "./flags.ts";

/** A command and the flags it takes. */
export interface Command {
  readonly name: CommandName;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Positional arguments in usage lines; empty when there are none. */
  readonly args: string;
  readonly flags: readonly Flag<unknown>[];
}

/** Every command, in the order help shows them. */
export const COMMANDS: readonly Command[] = [
  command("run", "the controller: watches SeiNodes and heals their drift"),
  command("demo", "the same controller on a simulated cluster, so no cluster is needed"),
  command("manifests", "CRD, RBAC, Deployment and what goes with it as YAML for kubectl apply -f -"),
  command("version", "version, commit and runtime"),
  command("help", "this text, or one command's", "[COMMAND]"),
];

function command(name: CommandName, summary: string, args = ""): Command {
  return { name, summary, args, flags: Object.values(FLAGS[name]) };
}
