/**
 * What the simulation finds and nobody has mended yet, by where it is found: codes of breaches, see facts.ts and truth.ts.
 * A test fails for whatever is not in here, and for whatever is in here and is not found any more.
 */
export const unmended: Readonly<Record<"days" | "awaits" | "silences", readonly string[]>> = {
  days: [],
  awaits: ["address", "claim", "deleted", "fence", "hold", "init", "pause", "plan", "purpose", "volume"],
  silences: [],
};

/** Whether this is one of them. */
export function isUnmended(where: keyof typeof unmended, code: string): boolean {
  return unmended[where].includes(code);
}

/** The code of a breach. */
export function codeOf(breach: string): string {
  return breach.slice(0, breach.indexOf(":"));
}
