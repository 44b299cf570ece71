/** Splits a command line into flags, their texts and the rest; no value is judged here. */
import type { Flag } from "./flag.ts";
import { nearest } from "./nearest.ts";

/** A command line taken apart: texts by flag, what was no flag, and what was wrong. */
export interface Arguments {
  readonly texts: ReadonlyMap<Flag<unknown>, readonly string[]>;
  readonly positional: readonly string[];
  /** `--help` or `-h` was among them. */
  readonly help: boolean;
  readonly problems: readonly string[];
}

/** Splits the arguments after the command along its flags. Values are not judged here. */
export function readArgv(argv: readonly string[], flags: readonly Flag<unknown>[]): Arguments {
  const texts = new Map<Flag<unknown>, string[]>();
  const positional: string[] = [];
  const problems: string[] = [];
  let help = false;

  const put = (flag: Flag<unknown>, value: string): void => {
    const before = texts.get(flag);
    if (before === undefined) texts.set(flag, [value]);
    else if (flag.arity === "many") before.push(value);
    else problems.push(`--${flag.name}: got it twice, want it once`);
  };

  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (argument === "--") {
      positional.push(...argv.slice(index + 1));
      break;
    }
    if (argument === "--help" || argument === "-h") {
      help = true;
      continue;
    }
    if (!argument.startsWith("-") || argument === "-") {
      positional.push(argument);
      continue;
    }
    const split = splitFlag(argument, flags);
    if (split.flag === null) {
      problems.push(unknownFlag(split.typed, flags));
      // A word after an unknown flag is most likely its value, so it is not reported a second time.
      if (split.value === null && isValue(argv[index + 1])) index++;
      continue;
    }
    const following = argv[index + 1];
    if (split.value !== null) put(split.flag, split.value);
    else if (split.flag.arity === "switch") put(split.flag, "true");
    else if (following !== undefined && isValue(following)) {
      put(split.flag, following);
      index++;
    } else problems.push(missingValue(split.flag, following));
  }
  return { texts, positional, help, problems };
}

interface SplitFlag {
  readonly flag: Flag<unknown> | null;
  readonly typed: string;
  readonly value: string | null;
}

/** `--name`, `--name=value`, `-x`, `-x=value`, `-xvalue`. */
function splitFlag(argument: string, flags: readonly Flag<unknown>[]): SplitFlag {
  const equals = argument.indexOf("=");
  const typed = equals === -1 ? argument : argument.slice(0, equals);
  const value = equals === -1 ? null : argument.slice(equals + 1);
  if (typed.startsWith("--")) {
    return { flag: flags.find((flag) => flag.name === typed.slice(2)) ?? null, typed, value };
  }
  const flag = flags.find((candidate) => candidate.short === argument[1]) ?? null;
  if (flag === null) return { flag, typed, value };
  const rest = argument.slice(2);
  if (rest === "") return { flag, typed, value: null };
  // `-Ax` is a mistake, not the switch -A with a value.
  if (flag.arity === "switch" && !rest.startsWith("=")) return { flag: null, typed, value };
  return { flag, typed, value: rest.startsWith("=") ? rest.slice(1) : rest };
}

function isValue(argument: string | undefined): boolean {
  return argument !== undefined && (argument === "-" || !argument.startsWith("-"));
}

function missingValue(flag: Flag<unknown>, following: string | undefined): string {
  const got = following === undefined ? "no value" : `the flag ${JSON.stringify(following)}`;
  return `--${flag.name}: got ${got}, want ${flag.placeholder ?? "a value"}. Values that start with a dash need --${flag.name}=VALUE`;
}

function unknownFlag(typed: string, flags: readonly Flag<unknown>[]): string {
  const short = typed.startsWith("--") ? typed : `-${typed}`;
  const name = nearest(
    short.slice(2),
    flags.map((flag) => flag.name),
  );
  const hint = name === null ? "--help lists the flags" : `Did you mean --${name}?`;
  return `${JSON.stringify(typed.slice(0, 64))}: got an unknown flag, want one of this command's. ${hint}`;
}
