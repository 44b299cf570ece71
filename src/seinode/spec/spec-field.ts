/** One place in a spec under reading: its value, its path for messages, and the list that takes what is wrong. */
import { isObject, stringMap } from "../../base/index.ts";

declare const SHOULD_BE: unique symbol;

/**
 * A cursor. `value` undefined = nothing there; null counts as nothing, as the API server prunes it.
 * `T` is what the schema lets in here, so that only its fields are asked for, and as what they are. The value may be
 * anything: it can be older than the schema.
 */
export interface Field<out T = unknown> {
  readonly path: string;
  readonly value: unknown;
  readonly problems: string[];
  readonly [SHOULD_BE]?: T;
}

/** The field of that name; nothing when this is no object. */
export function child<T, Name extends keyof T & string>(of: Field<T>, name: Name): Field<NonNullable<T[Name]>> {
  const value = isObject(of.value) && Object.hasOwn(of.value, name) ? of.value[name] : undefined;
  return { path: `${of.path}.${name}`, value: value ?? undefined, problems: of.problems };
}

/** Whether anything stands there. */
export function isGiven(of: Field): boolean {
  return of.value !== undefined;
}

/** Notes what is wrong with a field; `want` completes "must be". */
export function refuse(of: Field, want: string): void {
  of.problems.push(`${of.path}: must be ${want}, got ${showValue(of.value)}`);
}

/** What a text must be. `form` is tested when the length is right; `want` says it in words. */
export interface TextRule {
  readonly max?: number;
  readonly form?: RegExp;
  readonly want: string;
}

/** A text that must be there and not be empty. Empty when it is not what it must be. */
export function requiredText(of: Field<string>, rule: TextRule = { want: "a text that is not empty" }): string {
  const { value } = of;
  const fits = typeof value === "string" && value !== "" && value.length <= (rule.max ?? MAX_TEXT);
  if (fits && (rule.form?.test(value) ?? true)) return value;
  refuse(of, rule.want);
  return "";
}

/** A text that may be missing or empty: then null. */
export function optionalText(of: Field<string>, rule?: TextRule): string | null {
  if (!isGiven(of) || of.value === "") return null;
  return requiredText(of, rule);
}

/** An integer in the range, exactly as a double holds it; null when missing or wrong. */
export function optionalInteger(of: Field<number>, min: number, max: number): number | null {
  const { value } = of;
  if (!isGiven(of)) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  refuse(of, `an integer between ${min} and ${max}`);
  return null;
}

/** An integer that must be there; `min` when it is missing or wrong. */
export function requiredInteger(of: Field<number>, min: number, max: number): number {
  if (!isGiven(of)) refuse(of, `an integer between ${min} and ${max}`);
  return optionalInteger(of, min, max) ?? min;
}

/** A switch; false when missing. */
export function flag(of: Field<boolean>): boolean {
  if (isGiven(of) && typeof of.value !== "boolean") refuse(of, "true or false");
  return of.value === true;
}

/** Whether an object stands there; anything else that is given is noted. */
export function isGivenObject(of: Field<object>): boolean {
  if (isGiven(of) && !isObject(of.value)) refuse(of, "an object");
  return isObject(of.value);
}

/** The items of a list of at most `max`; none when missing or wrong. */
export function items<T>(of: Field<readonly T[]>, max: number): readonly Field<T>[] {
  const { value } = of;
  if (!isGiven(of)) return [];
  if (!Array.isArray(value) || value.length > max) {
    refuse(of, `a list of at most ${max}`);
    return [];
  }
  return value.map((item: unknown, index) => ({ path: `${of.path}[${index}]`, value: item, problems: of.problems }));
}

/** A map of texts; empty when missing or wrong. Keys that reach a prototype are left out. */
export function textMap(of: Field<Readonly<Record<string, string>>>): Readonly<Record<string, string>> {
  if (!isGivenObject(of)) return {};
  for (const [key, value] of Object.entries(of.value ?? {})) {
    if (typeof value !== "string") refuse({ ...of, path: `${of.path}[${showValue(key)}]`, value }, "a text");
  }
  return stringMap(of.value);
}

/** Somebody else's value for a message: short, one line, printable ASCII alone. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return `"${value.slice(0, MAX_SHOWN).replaceAll(/[^\x20-\x7e]/g, "?")}"`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

const MAX_TEXT = 4096;
const MAX_SHOWN = 64;
