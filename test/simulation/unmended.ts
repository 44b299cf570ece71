/**
 * What the simulation finds and nobody has mended yet, by where it is found: codes of breaches, see facts.ts and truth.ts.
 * A test fails for whatever is not in here, and for whatever is in here and is not found any more.
 */

/** Found by a day, with its seed. */
export const unmendedDays: readonly (readonly [code: string, seed: number])[] = [];

/** Found elsewhere. */
export const unmended: Readonly<Record<"days" | "awaits" | "silences" | "remade", readonly string[]>> = {
  days: [],
  awaits: [],
  silences: [],
  remade: [],
};

/** Whether this is one of them. */
export function isUnmended(where: keyof typeof unmended, code: string): boolean {
  return unmended[where].includes(code);
}

/** The code of a breach. */
export function codeOf(breach: string): string {
  return breach.slice(0, breach.indexOf(":"));
}
