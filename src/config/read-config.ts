/** From command line and environment to one frozen configuration, or every mistake in them. */
import { COMMANDS } from "./command-table.ts";
import type { Command } from "./command.ts";
import type { Config, RunConfig } from "./config.ts";
import { envName } from "./flag.ts";
import type { Flag, Parsed, Take } from "./flag.ts";
import { FLAGS } from "./flags.ts";
import { LAPTOP_FLAGS } from "./laptop-commands.ts";
import { laptopConfig } from "./laptop-read.ts";
import { nearest } from "./nearest.ts";
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
  const take: Take = (flag) => takeFlag(flag, given, source);
  const words = command.args === "" ? given.positional : [];
  for (const word of words) {
    source.problems.push(`${quoted(word)}: got an argument, want flags alone after ${command.name}`);
  }
  switch (command.name) {
    case "run":
      return checkTogether(
        runConfig(
          take,
          takeNamespace({ namespace: FLAGS.namespace, allNamespaces: FLAGS.allNamespaces }, given, source),
        ),
        source.problems,
      );
    case "demo":
      return {
        command: "demo",
        speed: take(FLAGS.speed),
        keep: take(FLAGS.keep),
        plugins: take(FLAGS.plugins),
        healthAddress: take(FLAGS.healthAddress),
        metricsAddress: take(FLAGS.metricsAddress),
      };
    case "manifests":
      return {
        command: "manifests",
        namespace: take(FLAGS.installNamespace),
        image: take(FLAGS.image),
        shards: take(FLAGS.shards),
      };
    case "version":
      return { command: "version", output: take(FLAGS.output) };
    case "help":
      return { command: "help", topic: helpTopic(given, source.problems) };
    case "drift":
    case "explain":
    case "history":
    case "get":
    case "doctor":
    case "completion": {
      const [namespace, { positional: words }] = [takeNamespace(LAPTOP_FLAGS, given, source), given];
      return laptopConfig(command.name, { take, namespace, words, problems: source.problems });
    }
  }
}

function runConfig(take: Take, namespace: string | null): RunConfig {
  return {
    command: "run",
    kubeconfig: take(FLAGS.kubeconfig),
    context: take(FLAGS.context),
    namespace,
    selector: take(FLAGS.selector),
    mode: take(FLAGS.mode),
    plugins: take(FLAGS.plugins),
    detectors: take(FLAGS.detectors),
    sidecarTransport: take(FLAGS.sidecarTransport),
    platformConfig: take(FLAGS.platformConfig),
    leaderElect: take(FLAGS.leaderElect),
    shards: take(FLAGS.shards),
    leaderElectNamespace: take(FLAGS.leaderElectNamespace),
    leaderElectIdentity: take(FLAGS.leaderElectIdentity),
    otherManagerLeases: take(FLAGS.otherManagerLeases),
    healthAddress: take(FLAGS.healthAddress),
    metricsAddress: take(FLAGS.metricsAddress),
    probeIntervalMs: take(FLAGS.probeInterval),
    concurrency: take(FLAGS.concurrency),
    maxUnavailable: take(FLAGS.maxUnavailable),
    logLevel: take(FLAGS.logLevel),
    logFormat: take(FLAGS.logFormat),
  };
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

/** `-A` and `-n` contradict each other only where both come from the same place. */
function takeNamespace(
  flags: { readonly namespace: Flag<string | null>; readonly allNamespaces: Flag<boolean> },
  given: Arguments,
  source: Source,
): string | null {
  const everywhere = takeFlag(flags.allNamespaces, given, source);
  const namespace = takeFlag(flags.namespace, given, source);
  if (!everywhere || namespace === null) return namespace;
  const [saysAll, saysOne] = [given.texts.has(flags.allNamespaces), given.texts.has(flags.namespace)];
  if (saysAll === saysOne) {
    source.problems.push(`--all-namespaces: got it with --namespace ${quoted(namespace)}, want one of the two`);
  }
  return saysAll ? null : namespace;
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

function helpTopic(given: Arguments, problems: string[]): Config["command"] | null {
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
  return { ok: false, problems };
}
