/** Objects that a read did not find, before watch and list have told of their deletion. */
import type { ObjectMap } from "./object-map.ts";

/**
 * What is told of such an object later is from before its deletion: a UID never comes back. Without this memory a late
 * watch would bring the object back, at a version older than one that was written over already.
 */
export class Gone<T> {
  readonly #uidOf: (object: T) => string;
  readonly #uids = new Map<string, string>();

  constructor(uidOf: (object: T) => string) {
    this.#uidOf = uidOf;
  }

  note(key: string, uid: string): void {
    this.#uids.set(key, uid);
  }

  /** Whether this very object is gone. Another one of its name is news: then the one before needs no memory. */
  has(key: string, object: T): boolean {
    const uid = this.#uids.get(key);
    if (uid === undefined) return false;
    if (uid === this.#uidOf(object)) return true;
    return !this.#uids.delete(key);
  }

  /** The watch told of a deletion; `lastKnown` is null when it could not be read. */
  told(key: string, lastKnown: T | null): void {
    if (lastKnown === null || this.has(key, lastKnown)) this.#uids.delete(key);
  }

  /** Takes out of a list, which may have been begun before, what is gone, and forgets what the list does not have. */
  sweep(listed: ObjectMap<T>): void {
    for (const key of this.#uids.keys()) {
      const object = listed.get(key);
      if (object === undefined) this.#uids.delete(key);
      else if (this.has(key, object)) listed.delete(key);
    }
  }
}
