/** Random choices that follow from a seed. */
import type { Random } from "../../src/base/index.ts";

/** Chance that is the same again for the same seed. */
export interface Dice extends Random {
  /** True in `share` of the throws. */
  chance(share: number): boolean;
  /** Whole numbers from `least` to `most`. */
  between(least: number, most: number): number;
  pick<T>(all: readonly T[]): T;
  /** Dice of their own, so that one user's throws do not shift another's. */
  fork(): Dice;
}

/** Dice for a seed (mulberry32). */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const u32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const between = (least: number, most: number): number => least + Math.floor((u32() / 2 ** 32) * (most - least + 1));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor((u32() / 2 ** 32) * 16).toString(16)).join("");
  return {
    u32,
    uuid4: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    chance: (share) => u32() / 2 ** 32 < share,
    between,
    pick(all) {
      const one = all[between(0, all.length - 1)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
    fork: () => dice(u32()),
  };
}
