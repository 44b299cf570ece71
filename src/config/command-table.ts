/** Every command there is, with the flags it takes. */
import type { Flag } from "./flag.ts";
import { type CommandName, FLAGS } from "./flags.ts";
import { type CommandWords, LAPTOP_WORDS } from "./laptop-words.ts";

/** A command and the flags it takes. */
export interface Command extends CommandWords {
  readonly name: CommandName;
  readonly flags: readonly Flag<unknown>[];
}

/** Every command, in the order help shows them. */
export const COMMANDS: readonly Command[] = [
  command("run", { summary: "the controller: watches SeiNodes and heals their drift" }),
  command("demo", { summary: "the same controller on a simulated cluster, so no cluster is needed" }),
  command("manifests", { summary: "CRD, RBAC, Deployment and what goes with it as YAML for kubectl apply -f -" }),
  command("drift", LAPTOP_WORDS.drift),
  command("explain", LAPTOP_WORDS.explain),
  command("history", LAPTOP_WORDS.history),
  command("get", LAPTOP_WORDS.get),
  command("doctor", LAPTOP_WORDS.doctor),
  command("completion", LAPTOP_WORDS.completion),
  command("version", { summary: "version, commit and runtime" }),
  command("help", { summary: "this text, or one command's", args: "[COMMAND]" }),
];

function command(name: CommandName, words: Omit<CommandWords, "args"> & { readonly args?: string }): Command {
  return { name, args: "", ...words, flags: Object.values(FLAGS[name]) };
}
