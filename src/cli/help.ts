/** `tidekeeper help`: the text, written from the tables of commands and flags, folded to the terminal. */
import { folded } from "../base/index.ts";
import { COMMANDS, envName, FLAGS } from "../config/index.ts";
import type { Command, Config, Flag } from "../config/index.ts";

/** Who reads it. */
export interface HelpOptions {
  /** Columns of the terminal; null = a program reads, and nothing is folded. */
  readonly columns: number | null;
  /** What is typed to start us. */
  readonly program: string;
  /** Names of the built-in detectors, in their order. */
  readonly detectors: readonly string[];
}

const TO_ALL: HelpOptions = { columns: null, program: "tidekeeper", detectors: [] };

/** The help text: of one command, or of the whole. Ends with a newline. */
export function helpText(topic: Config["command"] | null, options: HelpOptions = TO_ALL): string {
  const command = COMMANDS.find((candidate) => candidate.name === topic);
  const lines = command === undefined ? overview(options) : commandHelp(command, options);
  const columns = options.columns ?? Number.POSITIVE_INFINITY;
  return lines.map(({ text, indent = "" }) => `${folded(text, columns, indent)}\n`).join("");
}

/** A line, and what goes before the rest of it where it is folded. */
interface Line {
  readonly text: string;
  readonly indent?: string;
}

const EMPTY: Line = { text: "" };

function overview({ program }: HelpOptions): readonly Line[] {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const indent = " ".repeat(width + 4);
  return [
    { text: "tidekeeper keeps SeiNodes from drifting." },
    EMPTY,
    { text: `Usage: ${program} COMMAND [flags]` },
    EMPTY,
    { text: "Commands:" },
    ...COMMANDS.map((command) => ({ text: `  ${command.name.padEnd(width)}  ${command.summary}`, indent })),
    EMPTY,
    { text: "Exit codes: 0 done, 1 failed (of drift: found), 2 wrong use or configuration, 70 a defect of ours." },
    { text: `Flags of a command: ${program} help COMMAND` },
  ];
}

function commandHelp(command: Command, { program, detectors }: HelpOptions): readonly Line[] {
  const { flags, examples = [], exits } = command;
  const words = [command.name, command.args, flags.length > 0 ? "[flags]" : ""].filter((word) => word !== "");
  const judges = flags.some((flag) => flag === FLAGS.run.plugins) && detectors.length > 0;
  const parts: readonly (readonly Line[])[] = [
    [{ text: `${program} ${command.name}: ${command.summary}` }],
    [{ text: `Usage: ${program} ${words.join(" ")}` }],
    examples.length === 0 ? [] : [{ text: "Examples:" }, ...examples.flatMap(exampleLines(program))],
    judges
      ? [{ text: `Detectors, in their order: ${detectors.join(", ")}; then plugins as given.`, indent: "  " }]
      : [],
    exits === undefined ? [] : [{ text: `Exit codes: ${exits}.`, indent: "  " }],
    flags.length === 0
      ? []
      : [{ text: "Flags, each with its environment twin (the flag wins):" }, ...flags.flatMap(flagLines)],
  ];
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : [EMPTY, ...part]));
}

function exampleLines(program: string): (example: readonly [string, string]) => readonly Line[] {
  return ([line, what]) => [
    { text: `  ${line.replace(/\btidekeeper (?=[a-z])/, `${program} `)}`, indent: "    " },
    { text: `      ${what}`, indent: "      " },
  ];
}

function flagLines(flag: Flag<unknown>): readonly Line[] {
  const indent = "      ";
  return [
    { text: `  ${flagUsage(flag)}`, indent: "    " },
    { text: `${indent}${flag.help}${defaultOf(flag)}`, indent },
    { text: `${indent}${envName(flag)}`, indent },
  ];
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
