/** Kubeconfig files, merged as kubectl merges them: what comes first wins, and paths are relative to their file. */
import { field, messageOf, plainLine } from "../../base/index.ts";
import { ConnectionError } from "./connection-error.ts";
import type { ConnectionPorts } from "./connection.ts";

/** One named entry with the folder of the file it came from. */
interface Entry {
  readonly body: unknown;
  readonly folder: string;
}

/** A body of the kubeconfig and what its relative paths are relative to. */
export interface Place extends Entry {
  /** For messages: `cluster "x"`. */
  readonly label: string;
}

/** The merged files. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  /** For messages. */
  readonly paths: string;
  readonly warnings: readonly string[];
}

/** Reads and merges. With several files a missing one is passed over; a single one must be there. */
export async function readKubeconfig(paths: readonly string[], ports: ConnectionPorts): Promise<Kubeconfig> {
  const label = paths.join(":");
  const warnings: string[] = [];
  const merged = {
    contexts: new Map<string, Entry>(),
    clusters: new Map<string, Entry>(),
    users: new Map<string, Entry>(),
  };
  let currentContext = "";
  let found = 0;
  for (const path of new Set(paths)) {
    const text = await textOf(path, ports);
    if (text === null) continue;
    found += 1;
    const mode = await ports.fileMode(path);
    if (mode !== null && (mode & 0o022) !== 0) warnings.push(`kubeconfig ${path}: others may write to it. chmod 600`);
    const document = await parse(path, text, warnings);
    // As kubectl does: among several files one without content says nothing.
    if (document === null && paths.length > 1) continue;
    if (document === null) throw invalidError(`kubeconfig ${path}: got nothing, want a Config object`);
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    for (const kind of ["contexts", "clusters", "users"] as const) {
      const known = merged[kind];
      const fresh = [...namedEntries(document, { kind, path })].filter(([name]) => !known.has(name));
      for (const [name, body] of fresh) known.set(name, { body, folder });
    }
    if (currentContext === "") currentContext = textOrNull(document, "current-context") ?? "";
  }
  if (found === 0) {
    throw new ConnectionError("KUBECONFIG_MISSING", `kubeconfig ${label}: no such file. Name one with --kubeconfig`);
  }
  return { ...merged, currentContext, paths: label, warnings };
}

async function textOf(path: string, ports: ConnectionPorts): Promise<string | null> {
  try {
    return await ports.readFile(path);
  } catch (error) {
    const why = plainLine(messageOf(error), 200);
    throw new ConnectionError("KUBECONFIG_MISSING", `kubeconfig ${path}: ${why}`);
  }
}

async function parse(path: string, text: string, warnings: string[]): Promise<unknown> {
  if (text.length > 1024 * 1024)
    throw invalidError(`kubeconfig ${path}: got ${text.length} characters, want at most 1 MiB`);
  // Loaded only here: a Pod in its cluster has no kubeconfig and need not pay for a YAML parser.
  const { readYaml } = await import("./kubeconfig-yaml.ts");
  const reading = readYaml(text);
  if ("fault" in reading) throw invalidError(`kubeconfig ${path}: no YAML: ${reading.fault}`);
  const { value, notes } = reading;
  warnings.push(...notes.map((note) => `kubeconfig ${path}: ${note}`));
  if (value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) {
    throw invalidError(`kubeconfig ${path}: got no mapping, want a Config object`);
  }
  for (const [key, want] of Object.entries({ apiVersion: "v1", kind: "Config" })) {
    const got = textOrNull(value, key) ?? want;
    if (got !== want)
      throw invalidError(`kubeconfig ${path}: ${key}: got ${JSON.stringify(got.slice(0, 100))}, want ${want}`);
  }
  return value;
}

/** An error of what is asked for. */
export function unsupportedError(message: string): ConnectionError {
  return new ConnectionError("KUBECONFIG_UNSUPPORTED", message);
}

/** An error of this file's form. */
export function invalidError(message: string): ConnectionError {
  return new ConnectionError("KUBECONFIG_INVALID", message);
}

const SINGULAR = { contexts: "context", clusters: "cluster", users: "user" } as const;

function namedEntries(
  document: unknown,
  { kind, path }: { readonly kind: keyof typeof SINGULAR; readonly path: string },
): ReadonlyMap<string, unknown> {
  const list = memberOf(document, kind) ?? [];
  if (!Array.isArray(list)) throw invalidError(`kubeconfig ${path}: ${kind}: got something else, want a list`);
  const entries = new Map<string, unknown>();
  for (const item of list) {
    const name = textOrNull(item, "name") ?? "";
    if (entries.has(name)) throw invalidError(`kubeconfig ${path}: ${kind}: "${name}" is there twice. Remove one`);
    entries.set(name, memberOf(item, SINGULAR[kind]));
  }
  return entries;
}

/** A member of unknown data; null where it is absent or null, which mean the same in a kubeconfig. */
export function memberOf(value: unknown, key: string): unknown {
  return field(value, key) ?? null;
}

/** A member that is a text; null when it is absent or empty. Anything else is refused: YAML reads `token: 123` as a number. */
export function textOrNull(value: unknown, key: string): string | null {
  const member = memberOf(value, key) ?? "";
  if (typeof member !== "string")
    throw invalidError(`kubeconfig: ${key}: got a ${typeof member}, want text. Put it in quotes`);
  return member === "" ? null : member;
}

/** A member that is a list of texts; absent is empty, and anything else is refused. */
export function listOf(value: unknown, key: string, where: string): readonly string[] {
  const list = memberOf(value, key) ?? [];
  if (!Array.isArray(list)) throw invalidError(`${where}: ${key}: got something else, want a list`);
  return list.map((item: unknown) => {
    if (typeof item === "string") return item;
    throw invalidError(
      `${where}: ${key}: got a ${item === null ? "null" : typeof item} in it, want texts. Put it in quotes`,
    );
  });
}

/** A member that is true; absent is false, and anything else is refused. `yes` and `on` mean the same in kubectl's YAML. */
export function isSet(value: unknown, key: string): boolean {
  const member = memberOf(value, key) ?? false;
  if (typeof member === "boolean") return member;
  if (typeof member === "string" && /^(?:y|yes|on)$/i.test(member)) return true;
  if (typeof member === "string" && /^(?:n|no|off)$/i.test(member)) return false;
  throw invalidError(`kubeconfig: ${key}: got a ${typeof member}, want true or false`);
}
