/** JSON of stored objects as bytes, made once: they are shared and never changed, and every replica is told each. */
import type { JsonObject } from "../base/index.ts";

const texts = new WeakMap<JsonObject, string>();
const lines = new WeakMap<JsonObject, Map<string, Uint8Array>>();
const encoder = new TextEncoder();

/** `JSON.stringify` of an object that nobody changes any more. */
export function jsonOf(object: JsonObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/** The line of a watch that tells of it. */
export function watchLine(type: string, object: JsonObject): Uint8Array {
  const byType = lines.get(object) ?? new Map<string, Uint8Array>();
  lines.set(object, byType);
  const known = byType.get(type);
  if (known !== undefined) return known;
  const line = encoder.encode(`{"type":"${type}","object":${jsonOf(object)}}\n`);
  byType.set(type, line);
  return line;
}
