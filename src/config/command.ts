/** What is known of a command: its words, its flags, and what help shows of it. */
import type { Config } from "./config.ts";
import type { Flag } from "./flag.ts";

/** A command and the flags it takes. */
export interface Command {
  readonly name: Exclude<Config["command"], "__complete">;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Positional arguments in usage lines; empty when there are none. */
  readonly args: string;
  readonly flags: readonly Flag<unknown>[];
  /** Command lines that help shows, each with what it is for. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
  /** What its exit codes mean, where it has others than all; a line of help. */
  readonly exits?: string;
}
