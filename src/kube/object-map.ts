/** What a store keeps its objects in, as far as it uses a Map. */
export interface ObjectMap<T> extends Iterable<[string, T]> {
  readonly size: number;
  get(key: string): T | undefined;
  set(key: string, object: T): unknown;
  has(key: string): boolean;
  delete(key: string): boolean;
  values(): IterableIterator<T>;
}

/** An empty one; `packed` ones keep JSON texts. */
export function objectMap<T>(packed = false): ObjectMap<T> {
  return packed ? new PackedMap<T>() : new Map<string, T>();
}

/**
 * Objects as text. A fleet's objects are a million small values that the garbage collector would walk for ever, and most
 * of them are asked for once in ten seconds.
 */
class PackedMap<T> implements ObjectMap<T> {
  readonly #texts = new Map<string, string>();

  get size(): number {
    return this.#texts.size;
  }

  get(key: string): T | undefined {
    const text = this.#texts.get(key);
    return text === undefined ? undefined : this.#unpacked(text);
  }

  set(key: string, object: T): void {
    this.#texts.set(key, JSON.stringify(object));
  }

  has(key: string): boolean {
    return this.#texts.has(key);
  }

  delete(key: string): boolean {
    return this.#texts.delete(key);
  }

  *values(): IterableIterator<T> {
    for (const text of this.#texts.values()) yield this.#unpacked(text);
  }

  *[Symbol.iterator](): IterableIterator<[string, T]> {
    for (const [key, text] of this.#texts) yield [key, this.#unpacked(text)];
  }

  #unpacked(text: string): T {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed edge: `set` wrote it
    return JSON.parse(text) as T;
  }
}
