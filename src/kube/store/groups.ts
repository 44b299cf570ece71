/** Keys by a value that they have in common. There are as many groups as nodes, and nearly all of them are one key. */
export class Groups {
  /** A group of one is its key alone. */
  readonly #members = new Map<string, string | readonly string[]>();

  /** In no order. */
  of(value: string): readonly string[] {
    const members = this.#members.get(value) ?? [];
    return typeof members === "string" ? [members] : members;
  }

  /** `null` is no group. */
  move(key: string, from: string | null, to: string | null): void {
    if (from === to) return;
    if (from !== null) this.#leave(key, from);
    if (to !== null) this.#join(key, to);
  }

  #leave(key: string, value: string): void {
    const left = this.of(value).filter((member) => member !== key);
    if (left.length > 0) this.#members.set(value, left);
    else this.#members.delete(value);
  }

  #join(key: string, value: string): void {
    const members = this.of(value);
    this.#members.set(value, members.length === 0 ? key : [...members, key]);
  }
}
