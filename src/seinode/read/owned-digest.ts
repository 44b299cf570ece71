/**
 * What is ours in an object, by the API server's own record of who set what (`metadata.managedFields`).
 *
 * Two digests of the same object differ exactly when somebody changed, took over or removed a field that we applied.
 * Defaults that the API server fills in, and fields of others, are not ours and do not count.
 */
import type { OwnedDigests } from "../../model/index.ts";
import { arrayAt, field, isObject, stringAt } from "../../base/index.ts";

/** True when the manager owns fields of the object by server-side apply. Never throws. */
export function isManagedBy(raw: unknown, manager: string): boolean {
  return entryOf(raw, manager) !== undefined;
}

/** The digests. Never throws. */
export function ownedDigests(raw: unknown, manager: string): OwnedDigests {
  const fields = field(entryOf(raw, manager), "fieldsV1");
  if (!isObject(fields)) return { ownedDigest: null };
  const text = JSON.stringify(owned(raw, fields, 0));
  const digest = Bun.CryptoHasher.hash("sha256", text, "hex").slice(0, DIGEST_CHARS);
  return { ownedDigest: digest, formerDigest: Bun.hash(text).toString(16) };
}

/** 128 bits of SHA-256, which any runtime gives. */
const DIGEST_CHARS = 32;

function entryOf(raw: unknown, manager: string): unknown {
  return arrayAt(field(raw, "metadata"), "managedFields").find(
    (item) => stringAt(item, "manager") === manager && stringAt(item, "operation") === "Apply",
  );
}

/** Deeper than any object of ours: a guard against a hostile one. */
const MAX_DEPTH = 64;

/** The part of `value` that `fields` names, with the names sorted so that order means nothing. */
function owned(value: unknown, fields: Readonly<Record<string, unknown>>, depth: number): unknown {
  const names = Object.keys(fields)
    .filter((name) => name !== ".")
    .toSorted();
  if (names.length === 0 || depth > MAX_DEPTH) return value;
  return names.map((name) => {
    const part = memberNamed(value, name);
    const inner = fields[name];
    return [name, isObject(inner) ? owned(part, inner, depth + 1) : part];
  });
}

/** `f:` names a field, `k:` an item of a list by its keys, `v:` an item by its value. */
function memberNamed(value: unknown, name: string): unknown {
  const path = name.slice(2);
  if (name.startsWith("f:")) return field(value, path) ?? null;
  if (!Array.isArray(value)) return null;
  const wanted = parsed(path);
  if (name.startsWith("v:")) return value.includes(wanted) ? wanted : null;
  if (!name.startsWith("k:") || !isObject(wanted)) return null;
  const keys = Object.entries(wanted);
  return value.find((item: unknown) => keys.every(([key, want]) => field(item, key) === want)) ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
