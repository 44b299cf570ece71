/** A member of a `Fifo`. The fields belong to the list that it is in. */
export interface FifoMember<T> {
  before: T | null;
  after: T | null;
}

/** First come, first served, where a member can leave from anywhere at no cost. A member is in one list at most. */
export class Fifo<T extends FifoMember<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who came first; `null` when nobody is there. */
  get first(): T | null {
    return this.#first;
  }

  push(member: T): void {
    member.before = this.#last;
    if (this.#last === null) this.#first = member;
    else this.#last.after = member;
    this.#last = member;
    this.#size += 1;
  }

  /** `member` must be in this list. */
  remove(member: T): void {
    if (member.before === null) this.#first = member.after;
    else member.before.after = member.after;
    if (member.after === null) this.#last = member.before;
    else member.after.before = member.before;
    member.before = null;
    member.after = null;
    this.#size -= 1;
  }

  /** Takes out who came first; `null` when nobody is there. */
  shift(): T | null {
    const member = this.#first;
    if (member !== null) this.remove(member);
    return member;
  }
}
