/** How long to wait after failures in a row, and how to keep many from waiting in step. Pure: whoever waits keeps its own figures. */

/** The wait after the first failure, and the longest one, in milliseconds. */
export interface BackOff {
  readonly firstMs: number;
  readonly capMs: number;
}

/** Milliseconds to wait after the `failures`-th failure in a row, from 1: each wait is twice the one before it, up to the cap. */
export function backOffMs({ firstMs, capMs }: BackOff, failures: number): number {
  return Math.min(capMs, firstMs * 2 ** (failures - 1));
}

/** `ms` times a factor between `from` and `to`, chosen by `u32`, a random number of 32 bits. */
export function jitter(ms: number, u32: number, { from, to }: { readonly from: number; readonly to: number }): number {
  return ms * (from + (to - from) * (u32 / 2 ** 32));
}
