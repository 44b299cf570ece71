/** The longest delay a timer is given, in milliseconds: from 2^31 on, timers fire at once. */
export const LONGEST_DELAY_MS = 86_400_000;

/** A delay that timers can take: 0 to 24 h, in milliseconds. */
export function timerDelay(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_DELAY_MS);
}
