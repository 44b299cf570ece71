/** A list that is still arriving, before it becomes the map of a store. */
import type { ObjectMap } from "./object-map.ts";

/** A whole list while it arrives. */
export interface Staging<T> {
  readonly size: number;
  put(object: T): void;
  drop(key: string): void;
}

/** The one kind there is: it becomes the map of a store. */
export class Staged<T> implements Staging<T> {
  readonly objects: ObjectMap<T>;
  readonly #keyOf: (object: T) => string;

  constructor(objects: ObjectMap<T>, keyOf: (object: T) => string) {
    this.objects = objects;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.objects.size;
  }

  put(object: T): void {
    this.objects.set(this.#keyOf(object), object);
  }

  drop(key: string): void {
    this.objects.delete(key);
  }
}
