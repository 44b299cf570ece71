/** What etcd is to the API server: a log of revisions with one rising number, and the state it adds up to. */
import type { JsonObject } from "../base/index.ts";
import { textIn, withAt } from "./json-path.ts";
import type { Resource } from "./resource.ts";

/** One committed change. `object` carries the revision's own `resourceVersion`, also when it was deleted. */
export interface Revision {
  readonly rv: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: Resource;
  readonly object: JsonObject;
  /** Null for ADDED. */
  readonly previous: JsonObject | null;
  /** Unix milliseconds of the commit. */
  readonly at: number;
}

/** The log and the newest state. Objects are shared, never changed. */
export interface RevisionStore {
  /** The newest revision. */
  revision(): number;
  /** Revisions up to this one are forgotten. */
  compacted(): number;
  get(resource: Resource, namespace: string, name: string): JsonObject | null;
  /** Sorted by namespace and name; `namespace` null = all. */
  list(resource: Resource, namespace: string | null): readonly JsonObject[];
  /** The list as it stood at `rv`; null when that is compacted. */
  listAt(resource: Resource, namespace: string | null, rv: number): readonly JsonObject[] | null;
  /** Revisions after `rv`; null when those are compacted. */
  since(rv: number): readonly Revision[] | null;
  /** Commits `object` under the next revision and returns it with its `resourceVersion`. */
  put(resource: Resource, object: JsonObject): JsonObject;
  /** Commits the removal; null when there was nothing. */
  remove(resource: Resource, namespace: string, name: string): JsonObject | null;
  /** Calls `heard` with each commit, in order, before the writer gets its answer. */
  subscribe(heard: (revision: Revision) => void): () => void;
  /** Forgets revisions up to `rv`. */
  compact(rv: number): void;
}

/** Options of a store. */
export interface RevisionStoreOptions {
  readonly wall: () => number;
  /** Revisions kept before the oldest are compacted away. */
  readonly keep: number;
}

/** An empty store, whose first revision is 101: a real cluster never starts at 1 either. */
export function createRevisionStore({ wall, keep }: RevisionStoreOptions): RevisionStore {
  const tables = new Map<Resource, Map<string, JsonObject>>();
  const listeners = new Set<(revision: Revision) => void>();
  let log: Revision[] = [];
  let revision = 100;
  let compacted = 0;

  function tableOf(resource: Resource): Map<string, JsonObject> {
    const known = tables.get(resource);
    if (known) return known;
    const fresh = new Map<string, JsonObject>();
    tables.set(resource, fresh);
    return fresh;
  }

  function compact(rv: number): void {
    compacted = Math.max(compacted, Math.min(rv, revision));
    log = log.filter((entry) => entry.rv > compacted);
  }

  function commit(
    type: Revision["type"],
    resource: Resource,
    bare: JsonObject,
    previous: JsonObject | null,
  ): JsonObject {
    revision += 1;
    const object = withAt(bare, ["metadata", "resourceVersion"], String(revision));
    const entry: Revision = { rv: revision, type, resource, object, previous, at: wall() };
    log.push(entry);
    if (type === "DELETED") tableOf(resource).delete(keyOf(object));
    else tableOf(resource).set(keyOf(object), object);
    // Trimmed in strides, so that a long run does not copy the log on every write.
    if (log.length > keep * 2) compact(log[log.length - keep - 1]?.rv ?? 0);
    for (const heard of Array.from(listeners)) heard(entry);
    return object;
  }

  return {
    revision: () => revision,
    compacted: () => compacted,
    get: (resource, namespace, name) => tableOf(resource).get(`${namespace}/${name}`) ?? null,
    list: (resource, namespace) => sortByName(tableOf(resource), namespace),
    listAt(resource, namespace, rv) {
      if (rv < compacted) return null;
      const table = new Map(tableOf(resource));
      for (let index = log.length - 1; index >= 0; index -= 1) {
        const entry = log[index];
        if (!entry || entry.rv <= rv) break;
        if (entry.resource !== resource) continue;
        if (entry.previous === null) table.delete(keyOf(entry.object));
        else table.set(keyOf(entry.object), entry.previous);
      }
      return sortByName(table, namespace);
    },
    since: (rv) => (rv < compacted ? null : log.filter((entry) => entry.rv > rv)),
    put(resource, object) {
      const previous = tableOf(resource).get(keyOf(object)) ?? null;
      return commit(previous === null ? "ADDED" : "MODIFIED", resource, object, previous);
    },
    remove(resource, namespace, name) {
      const previous = tableOf(resource).get(`${namespace}/${name}`);
      return previous ? commit("DELETED", resource, previous, previous) : null;
    },
    subscribe(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    compact,
  };
}

function keyOf(object: JsonObject): string {
  return `${textIn(object, "metadata", "namespace")}/${textIn(object, "metadata", "name")}`;
}

function sortByName(table: ReadonlyMap<string, JsonObject>, namespace: string | null): readonly JsonObject[] {
  return Array.from(table)
    .filter(([key]) => namespace === null || key.startsWith(`${namespace}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, object]) => object);
}
