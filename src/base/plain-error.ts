/** Errors whose message may be told. */

/** An error whose message is ours: one line for people, without a secret. */
export class PlainError extends Error {}
