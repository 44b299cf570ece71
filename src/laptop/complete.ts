/** What could come next on a command line that is being typed: commands, flags and their values from the one table, names from the cluster. */
import { type Command, COMMANDS, type Flag, readConfig } from "../config/index.ts";
import type { GetConfig } from "../config/index.ts";
import { createClient } from "../kube/client/index.ts";
import { arrayAt, field } from "../base/index.ts";
import { GROUP, PLURAL, VERSION } from "../model/index.ts";
import { openReading, type Stage } from "./reading.ts";
import { asked } from "./typed-apis.ts";

/** Something that could come next. */
export interface Candidate {
  readonly word: string;
  /** For shells that show it; empty = nothing. */
  readonly about: string;
}

/** What could come next, and whether a file could. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly mayBeFile: boolean;
}

/** Where names come from: of nodes or namespaces that the flags on the line lead to. */
export interface Names {
  nodes(config: GetConfig): Promise<readonly string[]>;
  namespaces(config: GetConfig): Promise<readonly string[]>;
}

const NOTHING: Completion = { candidates: [], mayBeFile: false };
const FILE: Completion = { candidates: [], mayBeFile: true };

/** Words of a line behind the program's name, the last of them unfinished; bash cuts them at `=` too. */
export async function complete(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  names: Names,
): Promise<Completion> {
  const { words, isCut } = joined(given);
  const unfinished = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const [name, ...rest] = before;
  if (name === undefined)
    return starting(
      unfinished,
      COMMANDS.map(({ name: word, summary }) => ({ word, about: summary })),
    );
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return NOTHING;
  const line: Line = { command, words: rest, env, names };
  const equals = /^(--[a-z-]+)=(.*)$/.exec(unfinished);
  if (equals !== null) {
    const [, flagName = "", start = ""] = equals;
    const flag = flagOf(command, flagName);
    if (flag === null) return NOTHING;
    const values = await valuesOf(flag, line);
    const found = starting(start, values.candidates);
    const put = ({ word, about }: Candidate): Candidate => ({ word: isCut ? word : `${flagName}=${word}`, about });
    return { ...found, candidates: found.candidates.map(put), mayBeFile: values.mayBeFile };
  }
  const waiting = flagOf(command, rest.at(-1) ?? "");
  if (waiting !== null && waiting.arity !== "switch") {
    const values = await valuesOf(waiting, line);
    return { ...starting(unfinished, values.candidates), mayBeFile: values.mayBeFile };
  }
  if (unfinished.startsWith("-")) return starting(unfinished, flagsOf(command));
  return starting(unfinished, await argumentsOf(line));
}

interface Line {
  readonly command: Command;
  /** Behind the command, but for the unfinished one. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly names: Names;
}

/** `--output`, `=`, `js` as bash has it is `--output=js`. */
function joined(given: readonly string[]): { readonly words: readonly string[]; readonly isCut: boolean } {
  const words: string[] = [];
  let isCut = false;
  for (const [index, word] of given.entries()) {
    const last = words.at(-1);
    const isBehind = given[index - 1] === "=" && last?.endsWith("=") === true;
    if ((word === "=" || isBehind) && last !== undefined && last.startsWith("--")) {
      words[words.length - 1] = `${last}${word}`;
      isCut = index === given.length - 1;
    } else words.push(word);
  }
  return { words, isCut };
}

function starting(start: string, candidates: readonly Candidate[]): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(start)), mayBeFile: false };
}

function flagOf({ flags }: Command, word: string): Flag<unknown> | null {
  if (word.startsWith("--")) return flags.find((flag) => `--${flag.name}` === word) ?? null;
  return word.startsWith("-") && word.length === 2 ? (flags.find(({ short }) => short === word[1]) ?? null) : null;
}

function flagsOf({ flags }: Command): readonly Candidate[] {
  return [
    ...flags.map(({ name, help }) => ({ word: `--${name}`, about: help })),
    { word: "--help", about: "help of this command" },
  ];
}

/** Words that a placeholder lists, as `json|yaml`. */
const CHOICES = /^[a-z0-9-]+(?:\|[a-z0-9-]+)+$/;

async function valuesOf(flag: Flag<unknown>, line: Line): Promise<Completion> {
  if (CHOICES.test(flag.placeholder ?? "")) return words((flag.placeholder ?? "").split("|"));
  if (flag.placeholder === "PATH") return FILE;
  if (flag.arity === "switch") return words(["true", "false"]);
  if (!flag.name.endsWith("namespace")) return NOTHING;
  const config = clusterOf(line);
  return config === null ? NOTHING : words(await line.names.namespaces(config));
}

async function argumentsOf(line: Line): Promise<readonly Candidate[]> {
  const { command, words: rest } = line;
  if (CHOICES.test(command.args)) return words(command.args.split("|")).candidates;
  if (command.name === "help") return COMMANDS.map(({ name, summary }) => ({ word: name, about: summary }));
  if (!command.args.includes("NODE")) return [];
  const config = clusterOf(line);
  if (config === null) return [];
  const found = await line.names.nodes(config);
  return words(found.filter((name) => !rest.includes(name))).candidates;
}

function words(list: readonly string[]): Completion {
  return { candidates: list.map((word) => ({ word, about: "" })), mayBeFile: false };
}

/** Flags that say which cluster and namespace. */
const WHERE: ReadonlySet<string> = new Set(["kubeconfig", "context", "namespace", "all-namespaces"]);

/** What `get` would be asked with the flags of the line that say where to look. */
function clusterOf({ command, words: rest, env }: Line): GetConfig | null {
  const argv: string[] = [];
  for (const [index, word] of rest.entries()) {
    const [name = "", ...value] = word.split("=");
    const flag = flagOf(command, name);
    if (flag === null || !WHERE.has(flag.name)) continue;
    const following = rest[index + 1];
    if (flag.arity === "switch" || value.length > 0) argv.push(word);
    else if (following !== undefined) argv.push(word, following);
  }
  const reading = readConfig(["get", ...argv], { ...env, TIDEKEEPER_OUTPUT: "" });
  return reading.ok && reading.config.command === "get" ? reading.config : null;
}

/** Nobody waits longer for what a key press asks. */
const DEADLINE_MS = 2000;

/** Names from the cluster; none where it does not tell them in time. */
export function namesOf(stage: Stage): Names {
  const orNone = async (read: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    const late = Promise.withResolvers<readonly string[]>();
    const cancel = stage.world.timers.after(DEADLINE_MS, () => late.resolve([]));
    try {
      return await Promise.race([read(), late.promise]);
    } catch {
      // A prompt is no place for what is wrong with a cluster: the command itself will tell.
      return [];
    } finally {
      cancel();
    }
  };
  const quiet: Stage = { ...stage, world: { ...stage.world, write: () => Promise.resolve() } };
  return {
    nodes: (config) =>
      orNone(async () => {
        const { api, namespace } = await openReading(config, quiet);
        const ref = { group: GROUP, version: VERSION, plural: PLURAL, ...(namespace === null ? {} : { namespace }) };
        const listed = await createClient(api).get(ref);
        const items = listed.ok ? arrayAt(listed.value, "items") : [];
        return items.map((item) => String(field(field(item, "metadata"), "name"))).toSorted();
      }),
    namespaces: (config) =>
      orNone(async () => {
        const { core } = await (await openReading(config, quiet)).apis();
        const listed = await asked(core.listNamespace());
        return listed.ok ? listed.value.items.map(({ metadata }) => metadata?.name ?? "").toSorted() : [];
      }),
  };
}

/** What the script of a shell reads: a candidate a line, a tab before what it is about, and last what else may be done. */
export function completionText({ candidates, mayBeFile }: Completion): string {
  const lines = candidates.map(({ word, about }) => (about === "" ? word : `${word}\t${about}`));
  return [...lines, mayBeFile ? ":0" : ":4", ""].join("\n");
}
