/** The members of one namespace by their DNS names, in order, with their labels: few sets of them, which members share. */

/** Labels of a member. */
export type Labels = Readonly<Record<string, string>>;

/** A sorted roll. Two arrays and no object a member: a fleet has ten thousand. */
export class PeerRoll {
  readonly #names: string[] = [];
  readonly #labels: Labels[] = [];

  get size(): number {
    return this.#names.length;
  }

  /** Notes the labels of a member, or with null that it is none; returns those it had. */
  put(name: string, labels: Labels | null): Labels | null {
    const { at, isThere } = placeOf(this.#names, name);
    const before = isThere ? (this.#labels[at] ?? null) : null;
    const kept = isThere ? 1 : 0;
    if (labels === null) {
      this.#names.splice(at, kept);
      this.#labels.splice(at, kept);
    } else {
      this.#names.splice(at, kept, name);
      this.#labels.splice(at, kept, labels);
    }
    return before;
  }

  /** Names of those whose labels are as wanted, in order. */
  chosen(isWanted: (labels: Labels) => boolean): string[] {
    return this.#names.filter((_name, at) => isWanted(this.#labels[at] ?? {}));
  }
}

/** Where a name stands among sorted ones, or would. */
export function placeOf(names: readonly string[], name: string): { readonly at: number; readonly isThere: boolean } {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return { at: low, isThere: names[low] === name };
}
