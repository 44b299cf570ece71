/** Loads drift detectors that somebody else wrote. Plugins are trusted code; this refuses mistakes, not malice. */
import type { PluginFiles, Timers } from "../../base/index.ts";
import type { Detector } from "../../model/index.ts";

/** What loading needs from outside. Nothing here rejects. */
export interface PluginPorts extends PluginFiles {
  readonly timers: Timers;
}

/** A loaded detector and the file it came from. */
export interface Plugin {
  readonly file: string;
  readonly detector: Detector<unknown>;
}

/** The plugins in order, or everything that is wrong with them, a line each. */
export type LoadReply =
  | { readonly ok: true; readonly plugins: readonly Plugin[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** How long a plugin's top-level code may take. */
const LOAD_LIMIT_MS = 10_000;
const CODE = /\.(?:ts|mts|js|mjs)$/;

/**
 * Loads every path in order: a file, or the plugin files of a directory by name.
 *
 * `taken` are names of detectors that are there already, ours.
 */
export async function loadPlugins(
  paths: readonly string[],
  taken: readonly string[],
  ports: PluginPorts,
): Promise<LoadReply> {
  const plugins: Plugin[] = [];
  const problems: string[] = [];
  // One after the other: plugins are few, and an order of side effects that is the same every time is worth more.
  for (const path of paths) {
    const reply = await loadPlugin(path, ports);
    if (reply.ok) plugins.push(...reply.plugins);
    else problems.push(...reply.problems);
  }
  problems.push(...nameProblems(plugins, taken));
  return problems.length === 0 ? { ok: true, plugins } : { ok: false, problems };
}

/** Loads one path: a file, or the plugin files of a directory by name. */
export async function loadPlugin(path: string, ports: PluginPorts): Promise<LoadReply> {
  const found = await filesAt(ports.absolute(path), ports);
  if (typeof found === "string") return { ok: false, problems: [found] };
  const plugins: Plugin[] = [];
  const problems: string[] = [];
  for (const file of found) {
    const loaded = await loadFile(file, ports);
    if (typeof loaded === "string") problems.push(loaded);
    else plugins.push(loaded);
  }
  return problems.length === 0 ? { ok: true, plugins } : { ok: false, problems };
}

/** The plugin files a path stands for, or what is wrong with it. */
async function filesAt(path: string, ports: PluginPorts): Promise<readonly string[] | string> {
  const facts = await ports.facts(path);
  if (facts === null) return `plugin ${path}: got no such file, want a .ts or .js file or a directory of them`;
  if (facts.writableByAnyone) return openToAll(path, path);
  switch (facts.kind) {
    case "file": {
      if (!CODE.test(path)) return `plugin ${path}: got another kind of file, want .ts, .mts, .js or .mjs`;
      const directory = path.slice(0, Math.max(1, path.lastIndexOf("/")));
      const owned = await ports.facts(directory);
      return owned?.writableByAnyone === true && !owned.sticky ? openToAll(path, directory) : [path];
    }
    case "directory": {
      // A mounted ConfigMap has its data under names that start with a dot.
      const names = (await ports.list(path)).filter((name) => CODE.test(name) && !/^\.|\.d\.m?ts$/.test(name));
      if (names.length === 0) return `plugin ${path}: got a directory without plugins, want .ts or .js files in it`;
      const files = names.toSorted().map((name) => `${path.replace(/\/$/, "")}/${name}`);
      for (const file of files) if ((await ports.facts(file))?.writableByAnyone === true) return openToAll(path, file);
      return files;
    }
    case "other":
      return `plugin ${path}: got neither file nor directory, want a .ts or .js file or a directory of them`;
  }
}

function openToAll(plugin: string, path: string): string {
  return `plugin ${plugin}: ${path}: got a path that anyone may write to, want one that others may not. Run chmod o-w on it`;
}

async function loadFile(file: string, ports: PluginPorts): Promise<Plugin | string> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const cancel = ports.timers.after(LOAD_LIMIT_MS, () => resolve("late"));
  const reply = await Promise.race([ports.importFile(file), late]);
  cancel();
  if (reply === "late") return `plugin ${file}: still loading after 10s, want top-level code that ends`;
  switch (reply.kind) {
    case "loaded":
      return detectorOf(file, reply.exports);
    case "syntax": {
      const where = reply.file === file || reply.file === "" ? "" : `${reply.file}: `;
      return `plugin ${file}: ${where}${reply.line === null ? "" : `line ${reply.line}: `}${reply.message}`;
    }
    case "unresolved": {
      const hint = "A plugin may import tidekeeper/plugin, its own files and built-in modules";
      return `plugin ${file}: ${reply.file}: got an import of ${JSON.stringify(reply.specifier)} that is not there. ${hint}`;
    }
    case "threw":
      return `plugin ${file}: threw while loading: ${reply.message}`;
  }
}

const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** A day, past which timers are clamped. */
const LONGEST_EVERY_MS = 86_400_000;

function detectorOf(file: string, exports: Readonly<Record<string, unknown>>): Plugin | string {
  const candidate = exports["default"];
  const problem = shapeProblem(candidate);
  if (problem === null && isDetector(candidate)) return { file, detector: candidate };
  return `plugin ${file}: default export: ${problem ?? "got no detector"}`;
}

/** The parsed edge: called only for what `shapeProblem` found nothing wrong with; answers are checked at every call. */
function isDetector(candidate: unknown): candidate is Detector<unknown> {
  return typeof candidate === "object";
}

function shapeProblem(candidate: unknown): string | null {
  const want = "want a detector with name and detect()";
  if (candidate === undefined) return `got none, ${want}`;
  if (typeof candidate !== "object" || candidate === null) return `got something else, ${want}`;
  // Read one by one: a detector may be a class instance, whose methods are not its own.
  const member = (key: string): unknown => Reflect.get(candidate, key);
  if (typeof member("detect") !== "function") return `got no detect(), ${want}`;
  return nameProblem(member("name")) ?? methodProblem(member) ?? everyProblem(member("everyMs"));
}

function nameProblem(name: unknown): string | null {
  if (typeof name === "string" && NAME.test(name)) return null;
  const got = typeof name === "string" ? JSON.stringify(name.slice(0, 64)) : `a ${typeof name}`;
  return `name: got ${got}, want at most 63 small letters, digits and dashes`;
}

function methodProblem(member: (key: string) => unknown): string | null {
  for (const key of ["observe", "conditions"]) {
    const value = member(key);
    if (value !== undefined && typeof value !== "function") return `${key}: got a ${typeof value}, want a function`;
  }
  return null;
}

function everyProblem(everyMs: unknown): string | null {
  if (everyMs === undefined) return null;
  const isGood = typeof everyMs === "number" && everyMs >= 100 && everyMs <= LONGEST_EVERY_MS;
  return isGood
    ? null
    : `everyMs: got ${typeof everyMs === "number" ? everyMs : `a ${typeof everyMs}`}, want milliseconds from 100 to ${LONGEST_EVERY_MS}`;
}

function nameProblems(plugins: readonly Plugin[], taken: readonly string[]): readonly string[] {
  const files = new Map<string, string>();
  const problems: string[] = [];
  for (const { file, detector } of plugins) {
    const { name } = detector;
    const first = files.get(name);
    if (taken.includes(name)) problems.push(`plugin ${file}: got the name "${name}", which a built-in detector has`);
    else if (first !== undefined) problems.push(`plugin ${file}: got the name "${name}", which ${first} has`);
    else files.set(name, file);
  }
  return problems;
}
