/** Reading and rewriting plain JSON by path, without touching what was given. */
import { isObject, type Json, type JsonObject, valueAt } from "../base/index.ts";

/** True for a JSON list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The object at `path`; empty when there is none. */
export function objectIn(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = valueAt(value, path);
  return isObject(found) ? found : {};
}

/** The string at `path`; empty when there is none. */
export function textIn(value: Json | undefined, ...path: readonly string[]): string {
  const found = valueAt(value, path);
  return typeof found === "string" ? found : "";
}

/** The number at `path`; null when there is none. */
export function numberIn(value: Json | undefined, ...path: readonly string[]): number | null {
  const found = valueAt(value, path);
  return typeof found === "number" ? found : null;
}

/** The list at `path`; empty when there is none. */
export function listIn(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = valueAt(value, path);
  return isList(found) ? found : [];
}

/** The objects of the list at `path`. */
export function objectsIn(value: Json | undefined, ...path: readonly string[]): readonly JsonObject[] {
  return listIn(value, ...path).filter(isObject);
}

/** A copy of `value` with `next` at `path`; undefined removes the key. */
export function withAt(value: JsonObject, path: readonly string[], next: Json | undefined): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return isObject(next) ? next : value;
  if (rest.length > 0) return { ...value, [key]: withAt(objectIn(value, key), rest, next) };
  if (next !== undefined) return { ...value, [key]: next };
  const { [key]: _gone, ...others } = value;
  return others;
}

/** Deep equality; a key that is undefined counts as absent. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!isSame(a[key], b[key])) return false;
  return true;
}

/** JSON text with sorted keys, so that equal values give equal text. */
export function canonical(value: Json | undefined): string {
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
}
