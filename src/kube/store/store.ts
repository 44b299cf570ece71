/** The in-memory copy of one collection, its listeners, and the replies to our own writes. */
import { Gone } from "./gone.ts";
import { Groups } from "./groups.ts";
import { type ObjectMap, PlainMap } from "./object-map.ts";
import { PackedMap } from "./packed-map.ts";
import { compareVersions } from "../client/index.ts";
import { Staged, type Staging } from "./staged.ts";
import { TextModels } from "./text-models.ts";

export type { Staging } from "./staged.ts";

/** One change of one object. `object` is the last known state when it was deleted. */
export interface StoreChange<T> {
  readonly type: "added" | "updated" | "deleted";
  readonly key: string;
  readonly object: T;
  readonly previous: T | null;
  /** Who told: a whole list, one watch event, or the reply to a write of our own. */
  readonly from: "list" | "watch" | "reply";
}

/** What anybody may do with a store. */
export interface StoreReader<T> {
  /** False until the first whole list is in. */
  readonly synced: boolean;
  readonly size: number;
  get(key: string): T | null;
  has(key: string): boolean;
  /** Without reading an object. */
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  /** The objects whose `indexBy` gave `value`, in no order. */
  byIndex(value: string): readonly T[];
  /** Calls `listener` after each change, in order; a throw in it is a defect. The result unsubscribes. */
  subscribe(listener: (change: StoreChange<T>) => void): () => void;
}

/** What the reflector alone may do with a store. */
export interface StoreWriter<T> {
  /** Swaps in a whole list of the given version at once and tells of every difference, deletions too. */
  replace(all: Iterable<T>, version: string): void;
  /** The same of a list that came bit by bit; `staged` is the store's from then on. */
  swap(staged: Staging<T>, version: string): void;
  /** An empty list, which is yet to arrive. */
  staging(): Staging<T>;
  upsert(object: T): void;
  /** Takes out `key`; `lastKnown` is the object as its deletion showed it. An older deletion than the object is stale. */
  remove(key: string, lastKnown: T | null): void;
  /**
   * Takes out `key` after a read did not find it. `uid` is that of the object that was held when the read was sent, null
   * when none was: another one of that name has come since, and stays. What is told of it later is from before: it
   * does not come back. Needs `uidOf`.
   */
  absent(key: string, uid: string | null): void;
  /** Says that list and watch have reached `version` (a bookmark). */
  advance(version: string): void;
  /** Whether the watch event of this version only repeats a write of our own, whose reply is held already. Asked once for each. */
  takeOwnWriteEcho(key: string, version: string): boolean;
}

/** An in-memory copy of one resource: any number of readers, one writer, and a way in for replies to our own writes. */
export interface Store<T> {
  readonly reader: StoreReader<T>;
  readonly writer: StoreWriter<T>;
  /**
   * Takes the object of a write's reply as if the watch had sent it. Returns whether it was newer than what is held.
   * An object that the watch is already past and does not hold is gone, and stays so.
   */
  readonly accept: (object: T) => boolean;
}

/** Names and versions of the held objects. `indexBy` groups them; the groups are meant to be small. */
export interface StoreOptions<T> {
  readonly keyOf: (object: T) => string;
  readonly versionOf: (object: T) => string;
  /** Tells an object from a later one of its name, for `absent`. */
  readonly uidOf?: (object: T) => string;
  readonly indexBy?: (object: T) => string | null;
  /** Keeps objects, which then must be plain JSON, as bytes: less memory, and each is read anew when it is asked for. */
  readonly packed?: boolean;
}

/** An empty store, not synced. */
export function createStore<T>(options: StoreOptions<T>): Store<T> {
  const cells = new Cells(options);
  return {
    accept: (object) => cells.accept(object),
    writer: {
      replace: (all, version) => cells.replace(all, version),
      swap: (staged, version) => cells.swap(staged, version),
      staging: () => cells.staging(),
      upsert: (object) => cells.upsert(object),
      remove: (key, lastKnown) => cells.remove(key, lastKnown),
      absent: (key, uid) => cells.absent(key, uid),
      advance: (version) => cells.advance(version),
      takeOwnWriteEcho: (key, version) => cells.takeOwnWriteEcho(key, version),
    },
    reader: {
      get synced() {
        return cells.synced;
      },
      get size() {
        return cells.objects.size;
      },
      get: (key) => cells.objects.get(key) ?? null,
      has: (key) => cells.objects.has(key),
      keys: () => cells.objects.keys(),
      values: () => cells.objects.values(),
      byIndex: (value) => cells.byIndex(value),
      subscribe: (listener) => cells.subscribe(listener),
    },
  };
}

class Cells<T> {
  objects: ObjectMap<T>;
  synced = false;
  readonly #options: StoreOptions<T>;
  readonly #groups = new Groups();
  readonly #gone: Gone<T>;
  readonly #models = new TextModels();
  readonly #listeners = new Set<(change: StoreChange<T>) => void>();
  /** Writes of our own that came by their replies and that the watch has not reached: their versions by key. */
  readonly #pendingOwnWrites = new Map<string, string>();
  /** The version that list and watch have reached. */
  #resourceVersion = "";

  constructor(options: StoreOptions<T>) {
    this.#options = options;
    this.#gone = new Gone(options.uidOf ?? (() => ""));
    this.objects = this.#emptyMap();
  }

  subscribe(listener: (change: StoreChange<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  byIndex(value: string): readonly T[] {
    const found: T[] = [];
    for (const key of this.#groups.of(value)) {
      const object = this.objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  replace(all: Iterable<T>, version: string): void {
    const staged = this.staging();
    for (const object of all) staged.put(object);
    this.swap(staged, version);
  }

  swap(staged: Staging<T>, version: string): void {
    if (!(staged instanceof Staged)) throw new Error("store: a list of another kind");
    const next: ObjectMap<T> = staged.objects;
    const before = this.objects;
    this.#keepReplies(next, version);
    this.#gone.sweep(next);
    this.objects = next;
    this.#resourceVersion = version;
    this.synced = true;
    this.advance(version);
    // Keys alone: of a packed store the objects themselves, all at once, are what it is not to hold.
    const changed = this.#changed(before, next);
    const changes = function* (): Generator<StoreChange<T>> {
      for (const [type, key] of changed) {
        const previous = before.get(key) ?? null;
        const object = type === "deleted" ? previous : (next.get(key) ?? null);
        if (object !== null) yield { type, key, object, previous, from: "list" };
      }
    };
    if (this.#options.indexBy !== undefined) for (const change of changes()) this.#regroup(change);
    if (this.#listeners.size > 0) for (const change of changes()) this.#tell(change);
  }

  staging(): Staging<T> {
    return new Staged(this.#emptyMap(), this.#options.keyOf);
  }

  #emptyMap(): ObjectMap<T> {
    return this.#options.packed === true ? new PackedMap<T>(this.#models) : new PlainMap<T>();
  }

  /** A list does not undo what replies brought that are newer. */
  #keepReplies(next: ObjectMap<T>, version: string): void {
    for (const key of this.#pendingOwnWrites.keys()) {
      const held = this.objects.get(key);
      if (held === undefined) continue;
      const listed = next.get(key);
      const than = listed === undefined ? version : this.#options.versionOf(listed);
      if (compareVersions(this.#options.versionOf(held), than) === "newer") next.set(key, held);
    }
  }

  #changed(before: ObjectMap<T>, next: ObjectMap<T>): readonly (readonly [StoreChange<T>["type"], string])[] {
    const changed: (readonly [StoreChange<T>["type"], string])[] = [];
    for (const key of next.keys()) {
      const type = this.#typeOfChange(key, before, next);
      if (type !== null) changed.push([type, key]);
    }
    for (const key of before.keys()) if (!next.has(key)) changed.push(["deleted", key]);
    return changed;
  }

  #typeOfChange(key: string, before: ObjectMap<T>, next: ObjectMap<T>): "added" | "updated" | null {
    if (next.isSame(key, before)) return null;
    const previous = before.get(key);
    if (previous === undefined) return "added";
    const object = next.get(key);
    if (object === undefined) return "added";
    return this.#order(object, previous) === "equal" ? null : "updated";
  }

  upsert(object: T): void {
    const key = this.#options.keyOf(object);
    const previous = this.objects.get(key) ?? null;
    this.#reach(this.#options.versionOf(object));
    if (this.#gone.has(key, object)) return;
    const order = previous === null ? "newer" : this.#order(object, previous);
    if (order === "older") return;
    this.#pendingOwnWrites.delete(key);
    if (order !== "equal") this.#put(key, object, "watch");
  }

  remove(key: string, lastKnown: T | null): void {
    if (lastKnown !== null) this.#reach(this.#options.versionOf(lastKnown));
    this.#gone.told(key, lastKnown);
    const previous = this.objects.get(key);
    if (previous === undefined) return;
    if (lastKnown !== null && this.#order(lastKnown, previous) === "older") return;
    this.#pendingOwnWrites.delete(key);
    this.objects.delete(key);
    const change = { type: "deleted", key, object: lastKnown ?? previous, previous, from: "watch" } as const;
    this.#regroup(change);
    this.#tell(change);
  }

  absent(key: string, uid: string | null): void {
    const held = this.objects.get(key);
    if (held === undefined || uid === null || this.#options.uidOf?.(held) !== uid) return;
    this.remove(key, null);
    this.#gone.note(key, uid);
  }

  accept(object: T): boolean {
    const key = this.#options.keyOf(object);
    const held = this.objects.get(key);
    const than = held === undefined ? this.#resourceVersion : this.#options.versionOf(held);
    if (compareVersions(this.#options.versionOf(object), than) !== "newer" || this.#gone.has(key, object)) return false;
    this.#pendingOwnWrites.set(key, this.#options.versionOf(object));
    this.#put(key, object, "reply");
    return true;
  }

  advance(version: string): void {
    this.#reach(version);
    for (const [key, written] of this.#pendingOwnWrites)
      if (compareVersions(written, version) !== "newer") this.#pendingOwnWrites.delete(key);
  }

  takeOwnWriteEcho(key: string, version: string): boolean {
    if (this.#pendingOwnWrites.get(key) !== version) return false;
    this.#reach(version);
    return this.#pendingOwnWrites.delete(key);
  }

  /** An event does no more than this and takes out its own pending write: where a watch lags there are hundreds of them. */
  #reach(version: string): void {
    if (compareVersions(version, this.#resourceVersion) !== "older") this.#resourceVersion = version;
  }

  #order(left: T, right: T): ReturnType<typeof compareVersions> {
    return compareVersions(this.#options.versionOf(left), this.#options.versionOf(right));
  }

  #put(key: string, object: T, from: "watch" | "reply"): void {
    const previous = this.objects.get(key) ?? null;
    this.objects.set(key, object);
    const change: StoreChange<T> = { type: previous === null ? "added" : "updated", key, object, previous, from };
    this.#regroup(change);
    this.#tell(change);
  }

  #regroup({ type, key, object, previous }: StoreChange<T>): void {
    const { indexBy } = this.#options;
    if (indexBy === undefined) return;
    const from = previous === null ? null : indexBy(previous);
    this.#groups.move(key, from, type === "deleted" ? null : indexBy(object));
  }

  #tell(change: StoreChange<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}
