/** `metadata.managedFields`: who owns which leaf. */
import type { JsonObject } from "../base/index.ts";
import { changedLeaves, type FieldPath, fromFieldsV1, leafAt, toFieldsV1 } from "./field-set.ts";
import { objectIn, objectsIn, textIn, withAt } from "./json-path.ts";
import { apiVersionOf, type Resource } from "./resource.ts";

/** Who writes, and how. */
export interface Author {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource: "status" | null;
  /** RFC 3339 with seconds. */
  readonly time: string;
}

/** One manager's leaves. */
export interface Holding {
  readonly entry: JsonObject;
  readonly paths: readonly FieldPath[];
}

const idOf = (path: FieldPath): string => path.join("\n");

/** The holdings of an object. */
export function holdingsOf(object: JsonObject): readonly Holding[] {
  return objectsIn(object, "metadata", "managedFields").map((entry) => ({
    entry,
    paths: fromFieldsV1(objectIn(entry, "fieldsV1")),
  }));
}

/** True when the entry belongs to this author. */
export function isEntryOf(entry: JsonObject, { manager, operation, subresource }: Author): boolean {
  const same = textIn(entry, "manager") === manager && textIn(entry, "operation") === operation;
  return same && textIn(entry, "subresource") === (subresource ?? "");
}

/** The entry an author's leaves are kept in. */
export function entryOf(resource: Resource, author: Author, paths: readonly FieldPath[]): JsonObject {
  return {
    manager: author.manager,
    operation: author.operation,
    apiVersion: apiVersionOf(resource),
    time: author.time,
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(paths),
    ...(author.subresource === null ? {} : { subresource: author.subresource }),
  };
}

/** `next` with these holdings; holdings without leaves are dropped. */
export function withHoldings(next: JsonObject, holdings: readonly Holding[]): JsonObject {
  const entries = holdings
    .filter(({ paths }) => paths.length > 0)
    .map(({ entry, paths }) => ({ ...entry, fieldsV1: toFieldsV1(paths) }));
  return withAt(next, ["metadata", "managedFields"], entries.length === 0 ? undefined : entries);
}

/** `next` with what an ordinary write changed taken from its former owners and given to the author. */
export function trackUpdate(resource: Resource, before: JsonObject, next: JsonObject, author: Author): JsonObject {
  const changed = changedLeaves(ownable(before), ownable(next), resource.isCustom);
  const taken = new Set(changed.map(idOf));
  const bare = ownable(next);
  const others = holdingsOf(before).map(({ entry, paths }) => ({
    entry,
    paths: paths.filter((path) => !taken.has(idOf(path)) && leafAt(bare, path) !== undefined),
  }));
  if (changed.length === 0) return withHoldings(next, others);
  const mine = others.find(({ entry }) => isEntryOf(entry, author));
  const paths = [...(mine?.paths ?? []), ...changed];
  const rest = others.filter((holding) => holding !== mine);
  return withHoldings(next, [...rest, { entry: entryOf(resource, author, paths), paths }]);
}

const systemFields = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
];

/** The object without what nobody owns: its type, its identity and what the server keeps. */
export function ownable(object: JsonObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object;
  const metadata = Object.entries(objectIn(object, "metadata")).filter(([key]) => !systemFields.includes(key));
  return metadata.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(metadata) };
}
