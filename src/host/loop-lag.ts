/** Measures how late the event loop is. */
import type { Clock, Timers } from "../base/index.ts";

/** How late timers came over the last second: work that holds up the loop holds up Lease renewals too. */
export interface LoopLag {
  readonly lastSeconds: number;
  readonly meanSeconds: number;
  readonly maxSeconds: number;
}

const EVERY_MS = 100;
const SAMPLES = 10;

/** Asks the timers ten times a second, and tells once a second. The result ends it. */
export function watchLoopLag(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  tell: (lag: LoopLag) => void,
): () => void {
  let cancel = (): void => {};
  let seen: number[] = [];
  const next = (): void => {
    const dueAt = clock.mono() + EVERY_MS;
    cancel = timers.after(EVERY_MS, () => {
      const lastSeconds = Math.max(0, clock.mono() - dueAt) / 1000;
      seen.push(lastSeconds);
      if (seen.length === SAMPLES) {
        const meanSeconds = seen.reduce((sum, one) => sum + one, 0) / SAMPLES;
        tell({ lastSeconds, meanSeconds, maxSeconds: Math.max(...seen) });
        seen = [];
      }
      next();
    });
  };
  next();
  return () => cancel();
}
