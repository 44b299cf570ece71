/** A member of a `Line`. The fields belong to the line it stands in. */
export interface Standing<T> {
  ahead: T | null;
  behind: T | null;
}

/** First come, first served, where a member can leave from anywhere at no cost. A member stands in one line at most. */
export class Line<T extends Standing<T>> {
  #head: T | null = null;
  #tail: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who has stood longest; `null` when nobody stands. */
  get head(): T | null {
    return this.#head;
  }

  join(member: T): void {
    member.ahead = this.#tail;
    if (this.#tail === null) this.#head = member;
    else this.#tail.behind = member;
    this.#tail = member;
    this.#size += 1;
  }

  /** `member` must stand in this line. */
  leave(member: T): void {
    if (member.ahead === null) this.#head = member.behind;
    else member.ahead.behind = member.behind;
    if (member.behind === null) this.#tail = member.ahead;
    else member.behind.ahead = member.ahead;
    member.ahead = null;
    member.behind = null;
    this.#size -= 1;
  }
}
