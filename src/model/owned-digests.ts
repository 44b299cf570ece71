/** What we applied to an object, as digests. */

/** An object's digests as its view tells them. */
export interface OwnedDigests {
  /** The one that is written; null when the manager owns nothing. */
  readonly ownedDigest: string | null;
  /** The same as versions up to 0.1.0 wrote it: a hash of one runtime. Absent when the manager owns nothing. */
  readonly formerDigest?: string;
}

/** True while our fields are what they came to when they were applied. */
export function isAsApplied(was: string | undefined, { ownedDigest, formerDigest }: OwnedDigests): boolean {
  return was === ownedDigest || (was !== undefined && was === formerDigest);
}
