/** Reading of unknown JSON, field by field: what has the wrong type is as good as absent. */
import { isObject, type JsonObject } from "./json.ts";

/** An own field; inherited ones (`constructor`, `toString`) do not count. */
export function field(of: unknown, name: string): unknown {
  return isObject(of) && Object.hasOwn(of, name) ? of[name] : undefined;
}

/** The field as an object, or an empty one. */
export function objectAt(of: unknown, name: string): JsonObject {
  const value = field(of, name);
  return isObject(value) ? value : EMPTY;
}

/** The field as an array, or an empty one. */
export function arrayAt(of: unknown, name: string): readonly unknown[] {
  const value = field(of, name);
  return Array.isArray(value) ? value : NOTHING;
}

/** The field as a string, or null. */
export function stringAt(of: unknown, name: string): string | null {
  const value = field(of, name);
  return typeof value === "string" ? value : null;
}

/** The field as a string, or an empty one. */
export function textAt(of: unknown, name: string): string {
  const value = field(of, name);
  return typeof value === "string" ? value : "";
}

/** The field as a number, or null. */
export function numberAt(of: unknown, name: string): number | null {
  const value = field(of, name);
  return typeof value === "number" ? value : null;
}

/** The field as an integer that a double holds exactly, or null. */
export function integerAt(of: unknown, name: string): number | null {
  const value = field(of, name);
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}

/** The field as a whole number that the API server takes as int32 and not below zero, or null. */
export function countAt(of: unknown, name: string): number | null {
  const value = integerAt(of, name);
  return value !== null && value >= 0 && value <= MAX_INT32 ? value : null;
}

/** The field as a moment that the API server takes as RFC 3339, or null. */
export function timeAt(of: unknown, name: string): string | null {
  const value = stringAt(of, name);
  return value !== null && TIME.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
}

/** Stands for a time that is not told right, where the API server wants one. */
export const LONG_AGO = "1970-01-01T00:00:00Z";

/** The field as a name, an id or an image: one word of printable ASCII, or null. What is longer than any of them is none. */
export function wordAt(of: unknown, name: string): string | null {
  const value = stringAt(of, name);
  return value !== null && WORD.test(value) ? value : null;
}

/** The field as a text for people, cut where no text of ours ends, or null. */
export function messageAt(of: unknown, name: string): string | null {
  return stringAt(of, name)?.slice(0, MAX_MESSAGE) ?? null;
}

/** The field as a list of what can be read; entries that are not what they should be are left out. Null when it is no list. */
export function listAt<Item>(of: unknown, name: string, read: (item: unknown) => Item | null): readonly Item[] | null {
  const value = field(of, name);
  if (!Array.isArray(value)) return null;
  const items: Item[] = [];
  for (const raw of value) {
    const item = read(raw);
    if (item !== null) items.push(item);
  }
  return items;
}

/** Keys that a careless merge would take for the prototype. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The string values of a free-form map, without the keys that reach a prototype. `keep` is given each key and value. */
export function stringMap(value: unknown, keep: (text: string) => string = intern): Readonly<Record<string, string>> {
  if (!isObject(value)) return NO_STRINGS;
  const pairs: [string, string][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "string" && !PROTOTYPE_KEYS.has(key)) pairs.push([keep(key), keep(item)]);
  }
  return pairs.length === 0 ? NO_STRINGS : Object.fromEntries(pairs);
}

/** Whether a value is nested deeper than `limit`; looks without recursion, so that no input overflows the stack. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** One copy of a string that many objects repeat (images, revisions, label values). */
export function intern(text: string): string {
  if (text.length > INTERN_MAX_LENGTH) return text;
  const known = interned.get(text);
  if (known !== undefined) return known;
  // Names are endless, repeated strings are few: starting over is cheaper than keeping an order of use.
  if (interned.size >= INTERN_MAX_ENTRIES) interned.clear();
  interned.set(text, text);
  return text;
}

/** The same for what may be absent. */
export function internOrNull(text: string | null): string | null {
  return text === null ? null : intern(text);
}

/** `{[name]: value}`, or nothing when the value is null: optional fields are absent, never undefined. */
export function present<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { readonly [Key in Name]?: NonNullable<Value> } {
  if (value === null || value === undefined) return {};
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript widens a computed key to `string`
  return { [name]: value } as { [Key in Name]: NonNullable<Value> };
}

const EMPTY: JsonObject = Object.freeze({});
const NOTHING: readonly unknown[] = Object.freeze([]);
const NO_STRINGS: Readonly<Record<string, string>> = Object.freeze({});
const MAX_INT32 = 2_147_483_647;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const WORD = /^[\x21-\x7e]{1,512}$/;
const MAX_MESSAGE = 1024;
const INTERN_MAX_LENGTH = 256;
const INTERN_MAX_ENTRIES = 4096;
const interned = new Map<string, string>();
