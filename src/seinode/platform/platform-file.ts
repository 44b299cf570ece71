/** The platform file: YAML text in, values by dotted key and every mistake out. Reads nothing itself. */
import { plainLine } from "../../base/index.ts";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { PLATFORM_INPUTS, type PlatformInput } from "./platform-inputs.ts";
import { type GivenInput, type PlatformFile, problemOf } from "./platform.ts";
import { showValue } from "../spec/index.ts";

/** A file that was read, and who guesses what a misspelt key was meant to be (null = nobody knows). */
export interface PlatformSource {
  /** For messages. */
  readonly path: string;
  readonly text: string;
  readonly nearest: (typed: string, names: readonly string[]) => string | null;
}

/** A file of more aliases is refused: nested, they blow up. */
const MAX_ALIASES = 100;
/** So many mistakes are told; the rest is counted. */
const MAX_TOLD = 100;
/** Longest word of the file that is quoted. */
const MAX_WORDS = 120;

/** Reads the text. A file that is empty, or holds comments alone, says nothing, which is fine. Never throws. */
export function parsePlatformFile(source: PlatformSource): PlatformFile {
  const lines = new LineCounter();
  const document = parseDocument(source.text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error",
    // Looked for while walking, where it costs nothing: here it is quadratic.
    uniqueKeys: false,
  });
  const reading = new Reading(source, document, lines);
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const isTooDeep = message.startsWith("Maximum call stack");
    reading.note(pos[0], isTooDeep ? TOO_DEEP : `no YAML: ${plainLine(message, MAX_WORDS)}`);
  }
  if (document.errors.length > 0) return reading.result();
  try {
    if (!reading.hasTooManyAliases()) reading.root(document.contents);
  } catch (error) {
    // What was parsed at the very end of the stack cannot be visited.
    if (!(error instanceof RangeError)) throw error;
    reading.note(0, TOO_DEEP);
  }
  return reading.result();
}

const TOO_DEEP = "no YAML: it is nested too deeply";

/** A mapping of known keys, or one input. */
type Shape = PlatformInput | { readonly keys: ReadonlyMap<string, Shape> };

const ROOT = shapeOf(PLATFORM_INPUTS, "");

function shapeOf(inputs: readonly PlatformInput[], prefix: string): Shape {
  const own = inputs.filter(({ key }) => key.startsWith(prefix));
  const names = new Set(own.map(({ key }) => key.slice(prefix.length).split(".")[0] ?? ""));
  const keys = [...names].map((name): [string, Shape] => {
    const leaf = own.find(({ key }) => key === prefix + name);
    return [name, leaf ?? shapeOf(own, `${prefix}${name}.`)];
  });
  return { keys: new Map(keys) };
}

class Reading {
  readonly #values = new Map<string, GivenInput>();
  readonly #unused: string[] = [];
  readonly #problems: { readonly at: number; readonly line: string }[] = [];
  readonly #source: PlatformSource;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(source: PlatformSource, document: Document, lines: LineCounter) {
    this.#source = source;
    this.#document = document;
    this.#lines = lines;
  }

  note(at: number, what: string): void {
    this.#problems.push({ at, line: `${this.#where(at)}: ${what}` });
  }

  hasTooManyAliases(): boolean {
    let aliases = 0;
    visit(this.#document, {
      Alias: (_key, { range }) => {
        aliases += 1;
        if (aliases <= MAX_ALIASES) return undefined;
        this.note(range?.[0] ?? 0, `got more than ${MAX_ALIASES} aliases, want fewer`);
        return visit.BREAK;
      },
    });
    return aliases > MAX_ALIASES;
  }

  root(contents: unknown): void {
    const node = this.#resolved(contents);
    if (node === null || (isScalar(node) && node.value === null)) return;
    this.#read(node, "", ROOT);
  }

  result(): PlatformFile {
    const sorted = this.#problems.toSorted((a, b) => a.at - b.at).map(({ line }) => line);
    const more = sorted.length - MAX_TOLD;
    const problems = sorted.slice(0, MAX_TOLD);
    if (more > 0) problems.push(`${this.#source.path}: and ${more} mistakes more`);
    return { values: this.#values, problems, unused: this.#unused };
  }

  #read(node: Node, path: string, shape: Shape): void {
    if ("keys" in shape) this.#section(node, path, shape.keys);
    else if (shape.rule === "lists") this.#lists(node, shape);
    else this.#leaf(node, shape);
  }

  #section(node: Node, path: string, keys: ReadonlyMap<string, Shape>): void {
    for (const { name, at, value } of this.#members(node, path)) {
      const here = path === "" ? name : `${path}.${name}`;
      const shape = keys.get(name);
      if (shape === undefined) this.note(at, this.#unknown(name, path, [...keys.keys()]));
      // `key:` with nothing behind it is as good as no key.
      else if (value !== null) this.#read(value, here, shape);
    }
  }

  #leaf(node: Node, input: PlatformInput): void {
    const text = textOf(node, input);
    const at = node.range?.[0] ?? 0;
    if (text === null) {
      const hint = isScalar(node) ? ". Put it in quotes" : "";
      return this.note(at, `${input.key}: got ${kindOf(node)}, want text${hint}`);
    }
    if (text === "") return;
    const problem = problemOf(input.rule, text);
    if (problem !== null) return this.note(at, `${input.key}: ${problem}`);
    if (!input.isUsed) this.#unused.push(input.key);
    else this.#values.set(input.key, { text, where: `${this.#where(at)}: ${input.key}` });
  }

  /** Lists of texts by names that are the user's own. */
  #lists(node: Node, { key }: PlatformInput): void {
    this.#unused.push(key);
    for (const { name, at, value } of this.#members(node, key)) {
      if (value === null) continue;
      const items = isSeq(value) ? value.items.map((item) => this.#resolved(item)) : [null];
      const isFine = items.every((item) => isScalar(item) && typeof item.value === "string");
      if (!isFine)
        this.note(at, `${key}.${plainLine(name, MAX_WORDS)}: got ${kindOf(value)}, want a list of host:port`);
    }
  }

  /** Keys and values of a mapping, each key once. `value` null = nothing stands there. */
  #members(node: Node, path: string): readonly { name: string; at: number; value: Node | null }[] {
    if (!isMap(node)) {
      const what = path === "" ? "" : `${path}: `;
      this.note(node.range?.[0] ?? 0, `${what}got ${kindOf(node)}, want a mapping`);
      return [];
    }
    const seen = new Set<string>();
    const members: { name: string; at: number; value: Node | null }[] = [];
    for (const pair of node.items) {
      const key = this.#resolved(pair.key);
      const at = key?.range?.[0] ?? 0;
      const name = isScalar(key) ? String(key.value) : null;
      const here = path === "" ? "" : `${path}: `;
      if (name === null) this.note(at, `${here}got ${kindOf(key)} as a key, want text`);
      else if (seen.has(name)) this.note(at, `${here}got the key ${showValue(name)} twice, want it once`);
      else members.push({ name, at, value: emptyAsNull(this.#resolved(pair.value)) });
      seen.add(name ?? "");
    }
    return members;
  }

  #unknown(name: string, path: string, names: readonly string[]): string {
    const meant = this.#source.nearest(name.slice(0, 64), names);
    const prefix = path === "" ? "" : `${path}.`;
    const hint = meant === null ? `It may be ${names.join(", ")}` : `Did you mean ${prefix}${meant}?`;
    return `${prefix}${plainLine(name, MAX_WORDS)}: got an unknown key, want one that docs/platform.md lists. ${hint}`;
  }

  /** The node that is meant, aliases followed; null when there is none. */
  #resolved(value: unknown): Node | null {
    if (!isAlias(value)) return isScalar(value) || isMap(value) || isSeq(value) ? value : null;
    const node = value.resolve(this.#document) ?? null;
    if (node === null)
      this.note(
        value.range?.[0] ?? 0,
        `got the alias ${showValue(value.source)}, want an anchor of that name before it`,
      );
    return node;
  }

  #where(at: number): string {
    const { line, col } = this.#lines.linePos(at);
    return `${this.#source.path}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

function emptyAsNull(node: Node | null): Node | null {
  return isScalar(node) && node.value === null ? null : node;
}

/** The text of a value as it is written; null when it is no text. */
function textOf(node: Node, { rule }: PlatformInput): string | null {
  if (!isScalar(node)) return null;
  if (typeof node.value === "string") return node.value;
  const isNumeric = rule !== null && rule !== "lists" && rule.isNumeric === true;
  return isNumeric && typeof node.value === "number" ? (node.source ?? String(node.value)) : null;
}

function kindOf(node: Node | null): string {
  if (isSeq(node)) return "a list";
  if (isMap(node)) return "a mapping";
  if (!isScalar(node)) return "nothing";
  if (typeof node.value === "string") return showValue(node.value);
  return ["number", "boolean", "bigint"].includes(typeof node.value)
    ? `the ${typeof node.value} ${plainLine(node.source ?? "", MAX_WORDS)}`
    : "something that is no text";
}
