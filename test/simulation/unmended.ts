/**
 * What the simulation finds and nobody has mended yet, by where it is found: codes of breaches, see facts.ts and truth.ts.
 * A test fails for whatever is not in here, and for whatever is in here and is not found any more.
 */

/** Found by a day, with its seed. */
export const unmendedDays: readonly (readonly [code: string, seed: number])[] = [
  ["volume", 4],
  ["claim", 4],
  ["often", 5],
  ["orphan", 59],
  ["deleted", 24],
  ["init", 29],
  ["mirror", 30],
  ["shared", 32],
  ["address", 32],
  ["purpose", 39],
  ["pause", 43],
  ["hold", 53],
  ["refused", 65],
  ["revision", 151],
  ["evidence", 217],
  ["plan", 278],
];

/** Found elsewhere. */
export const unmended: Readonly<Record<"days" | "awaits" | "silences" | "remade", readonly string[]>> = {
  days: unmendedDays.map(([code]) => code),
  awaits: ["address", "claim", "deleted", "fence", "hold", "init", "pause", "plan", "purpose", "volume"],
  silences: ["address", "claim", "hold", "init", "often", "pause", "revision", "rival", "volume"],
  remade: ["unseen"],
};

/** Whether this is one of them. */
export function isUnmended(where: keyof typeof unmended, code: string): boolean {
  return unmended[where].includes(code);
}

/** The code of a breach. */
export function codeOf(breach: string): string {
  return breach.slice(0, breach.indexOf(":"));
}
