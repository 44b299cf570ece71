/** An item of a `DueHeap`. Both fields belong to the heap: `dueAt` is milliseconds, `slot` is -1 outside. */
export interface DueItem {
  dueAt: number;
  slot: number;
}

/** Items by the time they are due, earliest first: every change costs O(log n) and an item is in it at most once. */
export class DueHeap<T extends DueItem> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The item that is due first; `null` when there is none. */
  first(): T | null {
    return this.#items[0] ?? null;
  }

  /** Puts `item` in, or moves it, so that it is due at `dueAt`. */
  set(item: T, dueAt: number): void {
    item.dueAt = dueAt;
    if (item.slot < 0) {
      item.slot = this.#items.length;
      this.#items.push(item);
    }
    this.#rise(item);
    this.#sink(item);
  }

  /** Takes `item` out, if it is in. */
  delete(item: T): void {
    if (item.slot < 0) return;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#place(last, item.slot);
      this.#rise(last);
      this.#sink(last);
    }
    item.slot = -1;
  }

  #rise(item: T): void {
    while (item.slot > 0) {
      const above = this.#items[(item.slot - 1) >> 1];
      if (above === undefined || above.dueAt <= item.dueAt) return;
      this.#swap(item, above);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.slot + 1];
      const right = this.#items[2 * item.slot + 2];
      const below = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
      if (below === undefined || below.dueAt >= item.dueAt) return;
      this.#swap(item, below);
    }
  }

  #swap(one: T, other: T): void {
    const slot = one.slot;
    this.#place(one, other.slot);
    this.#place(other, slot);
  }

  #place(item: T, slot: number): void {
    item.slot = slot;
    this.#items[slot] = item;
  }
}
