/** From command line and environment to one frozen configuration, or every mistake in them. */
import { oneLine } from "../base/index.ts";
import { type Command, COMMANDS } from "./command-table.ts";
import { type CommandName, FLAGS, type Options } from "./flags.ts";
import type { Config, ManifestsConfig, RunConfig } from "./config.ts";
import { envName } from "./flag.ts";
import type { Flag, Parsed } from "./flag.ts";
import { nearest } from "./nearest.ts";
import { nodeNames, oneNodeName, shellName } from "./positional.ts";
import { readArgv } from "./read-argv.ts";
import type { Arguments } from "./read-argv.ts";

/** A configuration, or everything that is wrong with it, a line each. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the arguments after the program's name, and the environment where no flag says otherwise. Touches nothing. */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const [name, ...rest] = argv;
  if (name === undefined)
    return refuse([`command: got none, want one of ${commandNames()}. Start with tidekeeper help`]);
  if (name === "--help" || name === "-h") return accept({ command: "help", topic: null });
  // The words are another command's: they are not read as flags of this one.
  if (name === "__complete") return accept({ command: name, words: Object.freeze(rest) });
  const command = COMMANDS.find((candidate) => candidate.name === (name === "--version" ? "version" : name));
  if (command === undefined) return refuse([unknownCommand(name)]);

  const given = readArgv(rest, command.flags);
  if (given.help) return accept({ command: "help", topic: command.name });
  const problems = [...given.problems];
  const config = build(command, given, { env, problems });
  return problems.length === 0 ? accept(config) : refuse(problems);
}

interface Source {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly problems: string[];
}

function build(command: Command, given: Arguments, source: Source): Config {
  const { problems } = source;
  const take: Take = (flag) => takeFlag(flag, given, source);
  const words = command.args === "" ? given.positional : [];
  for (const word of words) {
    problems.push(`${quoted(word)}: got an argument, want flags alone after ${command.name}`);
  }
  switch (command.name) {
    case "run":
      return checkTogether(runConfig(optionsOf("run", take), { given, problems }), problems);
    case "demo":
      return { command: "demo", ...optionsOf("demo", take) };
    case "manifests":
      return checkArguments({ command: "manifests", ...optionsOf("manifests", take) }, source.problems);
    case "version":
      return { command: "version", ...optionsOf("version", take) };
    case "help":
      return { command: "help", topic: helpTopic(given, problems) };
    case "drift": {
      const options = optionsOf("drift", take);
      const nodes = nodeNames(given.positional, options.selector, problems);
      return { command: "drift", ...placed(options, "drift", { given, problems }), nodes };
    }
    case "explain": {
      const node = oneNodeName("explain", given.positional, problems);
      return { command: "explain", ...optionsOf("explain", take), isEverywhere: false, node };
    }
    case "history": {
      const node = oneNodeName("history", given.positional, problems);
      return { command: "history", ...optionsOf("history", take), isEverywhere: false, node };
    }
    case "get": {
      const options = optionsOf("get", take);
      const nodes = nodeNames(given.positional, options.selector, problems);
      return { command: "get", ...placed(options, "get", { given, problems }), nodes };
    }
    case "doctor":
      return { command: "doctor", ...placed(optionsOf("doctor", take), "doctor", { given, problems }) };
    case "completion":
      return { command: "completion", shell: shellName(given.positional, problems) };
  }
}

type Take = <T>(flag: Flag<T>) => T;

/** The options of a command, each taken by its flag. */
function optionsOf<Name extends CommandName>(name: Name, take: Take): Options<Name> {
  const taken = Object.entries<Flag<unknown>>(FLAGS[name]).map(([option, flag]) => [option, take(flag)] as const);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an entry for each flag, with what that flag comes to
  return Object.fromEntries(taken) as Options<Name>;
}

/** `-A` and `-n` contradict each other only where both come from the same place. `isEverywhere`: every namespace was asked for. */
function placed<T extends { readonly allNamespaces: boolean; readonly namespace: string | null }>(
  { allNamespaces, ...rest }: T,
  command: "run" | "drift" | "get" | "doctor",
  { given: { texts }, problems }: { readonly given: Arguments; readonly problems: string[] },
): Omit<T, "allNamespaces"> & { readonly isEverywhere: boolean } {
  const isBoth = allNamespaces && rest.namespace !== null;
  const flags = FLAGS[command];
  const [saysAll, saysOne] = [texts.has(flags.allNamespaces), texts.has(flags.namespace)];
  if (isBoth && saysAll === saysOne) {
    problems.push(`--all-namespaces: got it with --namespace ${quoted(rest.namespace ?? "")}, want one of the two`);
  }
  const namespace = isBoth && saysAll ? null : rest.namespace;
  return { ...rest, namespace, isEverywhere: allNamespaces && namespace === null };
}

function runConfig(
  options: Options<"run">,
  read: { readonly given: Arguments; readonly problems: string[] },
): RunConfig {
  const { isEverywhere: _isEverywhere, ...rest } = placed(options, "run", read);
  return { command: "run", ...rest };
}

/** Flags of `run` that the manifests have a flag of their own for, or that a Pod's probes and ports rest on. */
const SET_BY_MANIFESTS = [
  FLAGS.run.namespace,
  FLAGS.run.allNamespaces,
  FLAGS.run.shards,
  FLAGS.run.mode,
  FLAGS.run.plugins,
  FLAGS.run.detectors,
  FLAGS.run.logLevel,
  FLAGS.run.leaderElectNamespace,
  FLAGS.run.healthAddress,
  FLAGS.run.metricsAddress,
];

/** What a Pod would refuse at its start is refused here. */
function checkArguments(config: ManifestsConfig, problems: string[]): Config {
  if (config.args.length === 0) return config;
  const flags: readonly Flag<unknown>[] = Object.values(FLAGS.run);
  const given = readArgv(config.args, flags);
  problems.push(...given.problems.map((problem) => `--arg: ${problem}`));
  problems.push(...given.positional.map((word) => `--arg: got ${quoted(word)}, want a flag of tidekeeper run`));
  const twice = SET_BY_MANIFESTS.find((flag) => given.texts.has(flag));
  if (twice !== undefined) {
    problems.push(
      `--arg: got --${twice.name}, want a flag that the manifests do not set. See tidekeeper help manifests`,
    );
  }
  const read: string[] = [];
  for (const flag of flags) takeFlag(flag, given, { env: {}, problems: read });
  problems.push(...read.map((problem) => `--arg: ${problem}`));
  return config;
}

/** A flag wins over its environment twin. An empty variable counts as unset, and names we do not know are left
 * alone: a Service called tidekeeper puts TIDEKEEPER_PORT and others into every Pod beside it. */
function takeFlag<T>(flag: Flag<T>, given: Arguments, source: Source): T {
  const texts = given.texts.get(flag);
  if (texts !== undefined) return judged(flag, `--${flag.name}`, { texts, problems: source.problems });
  const fromEnv = source.env[envName(flag)];
  if (fromEnv === undefined || fromEnv === "") return flag.fallback;
  const split = flag.arity === "many" ? fromEnv.split(",").map((part) => part.trim()) : [fromEnv];
  return judged(flag, envName(flag), { texts: split, problems: source.problems });
}

function judged<T>(
  flag: Flag<T>,
  where: string,
  read: { readonly texts: readonly string[]; readonly problems: string[] },
): T {
  const parsed: Parsed<T> = flag.parse(read.texts);
  if (parsed.ok) return parsed.value;
  const hint = parsed.hint === undefined ? "" : `. ${parsed.hint}`;
  read.problems.push(`${where}: got ${quoted(read.texts.join(","))}, want ${parsed.want}${hint}`);
  return flag.fallback;
}

function checkTogether(config: RunConfig, problems: string[]): Config {
  const { healthAddress: health, metricsAddress: metrics } = config;
  if (health !== null && metrics !== null && health.port === metrics.port) {
    const oneHost = health.host === null || metrics.host === null || health.host === metrics.host;
    if (oneHost)
      problems.push(`--metrics-bind-address: got port ${metrics.port}, want another than the health probes'`);
  }
  if (config.shards > 1 && !config.leaderElect) {
    problems.push(`--shards: got ${config.shards} with --leader-elect=false, want leader election: a shard is a Lease`);
  }
  if (SHARED_IDENTITY.test(config.leaderElectIdentity ?? "")) {
    problems.push(
      `--leader-elect-identity: got ${quoted(config.leaderElectIdentity ?? "")}, want another name: shards-N is what replicas with N shards are called together`,
    );
  }
  return config;
}

const SHARED_IDENTITY = /^shards-\d+(?:\.|$)/;

function helpTopic(given: Arguments, problems: string[]): CommandName | null {
  const [topic, ...more] = given.positional;
  for (const word of more) problems.push(`${quoted(word)}: got an argument, want one command`);
  if (topic === undefined) return null;
  const command = COMMANDS.find((candidate) => candidate.name === topic);
  if (command === undefined) problems.push(unknownCommand(topic));
  return command?.name ?? null;
}

function commandNames(): string {
  return COMMANDS.map((command) => command.name).join(", ");
}

function unknownCommand(typed: string): string {
  const name = nearest(
    typed,
    COMMANDS.map((command) => command.name),
  );
  const hint = name === null ? "tidekeeper help lists them" : `Did you mean ${name}?`;
  return `command: got ${quoted(typed)}, want one of ${commandNames()}. ${hint}`;
}

/** What was typed, fit for one line: control characters escaped, at most 64 characters. */
function quoted(typed: string): string {
  return JSON.stringify(typed.length > 64 ? `${typed.slice(0, 64)}…` : typed);
}

function accept(config: Config): ConfigResult {
  return { ok: true, config: Object.freeze(config) };
}

function refuse(problems: readonly string[]): ConfigResult {
  // What was typed is told again, and may hold anything.
  return { ok: false, problems: problems.map(oneLine) };
}
