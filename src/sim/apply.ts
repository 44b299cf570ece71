/** Server-side apply: merges what a manager wants, gives up what it no longer names, refuses what others own. */
import { isObject, type Json, type JsonObject } from "../base/index.ts";
import { type ApiReply, failure } from "./api-reply.ts";
import {
  type FieldPath,
  isAtomicMap,
  isKeyedList,
  itemSegment,
  leafAt,
  leavesOf,
  pathText,
  withoutLeaf,
} from "./field-set.ts";
import { isList, isSame, objectIn, textIn } from "./json-path.ts";
import { type Author, entryOf, type Holding, holdingsOf, isEntryOf, ownable, withHoldings } from "./managed-fields.ts";
import type { Resource } from "./resource.ts";

/** One apply. `live` is an empty object when the apply creates. */
export interface ApplyInput {
  readonly resource: Resource;
  readonly live: JsonObject;
  readonly config: JsonObject;
  readonly author: Author;
  readonly force: boolean;
}

/** The object to be, or the refusal. */
export type ApplyResult = { readonly object: JsonObject } | { readonly refused: ApiReply };

const idOf = (path: FieldPath): string => path.join("\n");

/** Works out one apply. */
export function apply({ resource, live, config, author, force }: ApplyInput): ApplyResult {
  const custom = resource.isCustom;
  const wanted = ownable(config);
  const paths = leavesOf(wanted, custom).filter((path) => path.length > 0);
  const ids = new Set(paths.map(idOf));
  const holdings = holdingsOf(live);
  const others = holdings.filter(({ entry }) => !isEntryOf(entry, author));
  const differing = paths.filter((path) => !isSame(leafAt(live, path), leafAt(wanted, path)));
  const conflicts = conflictsOf(differing, others);
  if (conflicts.length > 0 && !force) return { refused: applyConflict(conflicts) };

  const lost = new Set(conflicts.map(({ path }) => idOf(path)));
  const kept = others.map(({ entry, paths }) => ({ entry, paths: paths.filter((path) => !lost.has(idOf(path))) }));
  const ownedByOthers = new Set(kept.flatMap(({ paths }) => paths.map(idOf)));
  const before = holdings.find(({ entry }) => isEntryOf(entry, author));
  const given = (before?.paths ?? []).filter((path) => !ids.has(idOf(path)) && !ownedByOthers.has(idOf(path)));

  let merged: Json | undefined = merge(live, wanted, [], custom);
  // Items last: a leaf inside an item cannot be found any more once the item is gone.
  for (const path of given.toSorted((a, b) => b.length - a.length)) merged = withoutLeaf(merged, path);
  const object = isObject(merged) ? merged : live;
  const entry =
    before && isSame(new Set(before.paths.map(idOf)).size, ids.size) && given.length === 0 ? before.entry : null;
  const mine: Holding = { entry: entry ?? entryOf(resource, author, paths), paths };
  return { object: withHoldings({ ...object, metadata: objectIn(object, "metadata") }, [...kept, mine]) };
}

interface Conflict {
  readonly path: FieldPath;
  readonly entry: JsonObject;
}

function conflictsOf(paths: readonly FieldPath[], others: readonly Holding[]): readonly Conflict[] {
  return others.flatMap(({ entry, paths: theirs }) => {
    const held = new Set(theirs.map(idOf));
    return paths.filter((path) => held.has(idOf(path))).map((path) => ({ path, entry }));
  });
}

function applyConflict(conflicts: readonly Conflict[]): ApiReply {
  const causes = conflicts.map(({ path, entry }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${nameOf(entry)}`,
    field: pathText(path),
  }));
  const [first] = causes;
  const fields = causes.map(({ field }) => `- ${field}`).join("\n");
  const message =
    causes.length === 1 && first
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${first?.message.replace("conflict", "conflicts") ?? ""}:\n${fields}`;
  return failure(409, "Conflict", message, { causes });
}

function nameOf(entry: JsonObject): string {
  const using = textIn(entry, "operation") === "Apply" ? "" : ` using ${textIn(entry, "apiVersion")}`;
  const part = textIn(entry, "subresource");
  return `"${textIn(entry, "manager")}"${part === "" ? "" : ` with subresource "${part}"`}${using}`;
}

function merge(live: Json | undefined, wanted: Json, path: FieldPath, custom: boolean): Json {
  const field = path.at(-1)?.slice(2) ?? "";
  if (isObject(wanted) && isObject(live) && !isAtomicMap(field, custom)) {
    const out: Record<string, Json | undefined> = { ...live };
    for (const [key, value] of Object.entries(wanted)) {
      if (value !== undefined) out[key] = merge(live[key], value, [...path, `f:${key}`], custom);
    }
    return out;
  }
  if (!isList(wanted) || !isList(live) || !isKeyedList(path, custom)) return wanted;
  if (wanted.some((item) => itemSegment(field, item) === null)) return wanted;
  const segments = wanted.map((item) => itemSegment(field, item));
  const updated = live.map((item) => {
    const match = wanted[segments.indexOf(itemSegment(field, item))];
    return match === undefined ? item : merge(item, match, [...path, "k:"], custom);
  });
  const known = new Set(live.map((item) => itemSegment(field, item)));
  return [...updated, ...wanted.filter((_, index) => !known.has(segments[index] ?? null))];
}
