/** A map whose values are kept as bytes. */
import { fnv1a } from "../../base/index.ts";
import { ByteArena } from "./byte-arena.ts";
import { numeral, readNumeral } from "./numeral.ts";
import type { ObjectMap } from "./object-map.ts";
import { packHex, unpackHex } from "./packed-hex.ts";
import type { TextModels } from "./text-models.ts";

const FIRST_BUCKETS = 64;
const NONE = -1;
/** Objects that are kept as they were read. One node is read many times in a row, and a quiet fleet 1,000 times a second. */
const MAX_READ = 128;
/** And by what they take as bytes: read, an object takes some ten times that. */
const MAX_READ_BYTES = 1024 * 1024;

/**
 * Plain JSON objects as bytes, by their keys. A fleet's objects are a million small values that the garbage collector
 * would walk for ever, and most of them are asked for once in ten seconds. Each is read anew when it is asked for.
 *
 * Maps that are compared with one another share their `models`.
 */
export class PackedMap<T> implements ObjectMap<T> {
  readonly #models: TextModels;
  readonly #records = new ByteArena();
  #size = 0;
  /** What was read of late: whoever asks for an object asks for it again soon. */
  readonly #read = new Map<string, { readonly object: T; readonly bytes: number }>();
  #readBytes = 0;
  /** The first record of each bucket, and for each record the next one in its bucket and the hash of its key. */
  #buckets = new Int32Array(FIRST_BUCKETS).fill(NONE);
  #next = new Int32Array(FIRST_BUCKETS);
  #hashes = new Int32Array(FIRST_BUCKETS);

  constructor(models: TextModels) {
    this.#models = models;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): T | undefined {
    const known = this.#read.get(key);
    if (known !== undefined) return known.object;
    const { record } = this.#find(key);
    if (record === null) return undefined;
    const text = this.#textOf(record);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed edge: `set` wrote it
    const object = JSON.parse(text) as T;
    this.#keepRead(key, { object, bytes: text.length });
    return object;
  }

  #keepRead(key: string, read: { readonly object: T; readonly bytes: number }): void {
    this.#read.set(key, read);
    this.#readBytes += read.bytes;
    for (const first of this.#read.keys()) {
      // The newest stays whatever its size: one reconcile asks for it a dozen times.
      if (first === key || (this.#read.size <= MAX_READ && this.#readBytes <= MAX_READ_BYTES)) return;
      this.#dropRead(first);
    }
  }

  #dropRead(key: string): void {
    this.#readBytes -= this.#read.get(key)?.bytes ?? 0;
    this.#read.delete(key);
  }

  set(key: string, object: T): void {
    this.#dropRead(key);
    const record = headOf(key) + packHex(this.#models.encode(JSON.stringify(object)));
    const { id, hash } = this.#find(key);
    if (id !== NONE) return this.#records.set(id, record);
    const added = this.#records.add(record);
    if (added >= this.#next.length) this.#widen();
    this.#hashes[added] = hash;
    this.#link(added);
    this.#size += 1;
  }

  has(key: string): boolean {
    return this.#find(key).id !== NONE;
  }

  delete(key: string): boolean {
    this.#dropRead(key);
    const { id, before, hash } = this.#find(key);
    if (id === NONE) return false;
    const next = this.#next[id] ?? NONE;
    if (before === NONE) this.#buckets[this.#bucketOf(hash)] = next;
    else this.#next[before] = next;
    this.#records.drop(id);
    this.#size -= 1;
    return true;
  }

  isSame(key: string, other: ObjectMap<T>): boolean {
    if (!(other instanceof PackedMap) || other.#models !== this.#models) return false;
    const { record } = this.#find(key);
    return record !== null && record === other.#find(key).record;
  }

  *keys(): IterableIterator<string> {
    for (const record of this.#all()) yield keyIn(record);
  }

  *values(): IterableIterator<T> {
    for (const record of this.#all()) yield this.#unpacked(record);
  }

  *[Symbol.iterator](): IterableIterator<[string, T]> {
    for (const record of this.#all()) yield [keyIn(record), this.#unpacked(record)];
  }

  /** The record of `key` and the one before it in its bucket; `NONE` and `null` where there is none. */
  #find(key: string): {
    readonly id: number;
    readonly before: number;
    readonly hash: number;
    readonly record: string | null;
  } {
    const hash = fnv1a(key) | 0;
    const head = headOf(key);
    let before = NONE;
    for (let id = this.#buckets[this.#bucketOf(hash)] ?? NONE; id !== NONE; id = this.#next[id] ?? NONE) {
      if (this.#hashes[id] === hash) {
        const record = this.#records.text(id);
        if (record.startsWith(head)) return { id, before, hash, record };
      }
      before = id;
    }
    return { id: NONE, before, hash, record: null };
  }

  #bucketOf(hash: number): number {
    return hash & (this.#buckets.length - 1);
  }

  #link(id: number): void {
    const bucket = this.#bucketOf(this.#hashes[id] ?? 0);
    this.#next[id] = this.#buckets[bucket] ?? NONE;
    this.#buckets[bucket] = id;
  }

  /** Room for twice as many records. */
  #widen(): void {
    const size = this.#next.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#next = new Int32Array(size);
    this.#buckets = new Int32Array(size).fill(NONE);
    for (let id = 0; id < size / 2; id += 1) if (this.#records.isHeld(id)) this.#link(id);
  }

  *#all(): IterableIterator<string> {
    for (let id = 0; id < this.#records.end; id += 1) if (this.#records.isHeld(id)) yield this.#records.text(id);
  }

  #unpacked(record: string): T {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed edge: `set` wrote it
    return JSON.parse(this.#textOf(record)) as T;
  }

  #textOf(record: string): string {
    const reader = { text: record, at: 0 };
    const length = readNumeral(reader);
    return this.#models.decode(unpackHex(record, reader.at + length));
  }
}

/** What a record begins with: the key, and before it its length, so that no key is the beginning of another. */
function headOf(key: string): string {
  return numeral(key.length) + key;
}

function keyIn(record: string): string {
  const reader = { text: record, at: 0 };
  const length = readNumeral(reader);
  // A copy: whoever keeps a slice of the record keeps all of it.
  return Buffer.from(record.slice(reader.at, reader.at + length)).toString();
}
