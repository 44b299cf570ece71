/** What a store keeps its objects in, as far as it uses a Map. It may be changed while it is being iterated over. */
export interface ObjectMap<T> extends Iterable<[string, T]> {
  readonly size: number;
  get(key: string): T | undefined;
  set(key: string, object: T): unknown;
  has(key: string): boolean;
  delete(key: string): boolean;
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  /** True when it is cheaply seen that both hold the same object under `key`; false tells nothing. */
  isSame(key: string, other: ObjectMap<T>): boolean;
}

/** A `Map` as it is. */
export class PlainMap<T> extends Map<string, T> implements ObjectMap<T> {
  isSame(key: string, other: ObjectMap<T>): boolean {
    const object = this.get(key);
    return object !== undefined && object === other.get(key);
  }
}
