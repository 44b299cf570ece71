import type { Clock, Timers } from "../kube/transport.ts";

const EVERY_MS = 1000;

/** Tells once a second how many seconds late its timer came: work that holds up the loop holds up Lease renewals too. */
export function watchLoopLag(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  tell: (seconds: number) => void,
): () => void {
  let cancel = (): void => {};
  const next = (): void => {
    const dueAt = clock.mono() + EVERY_MS;
    cancel = timers.after(EVERY_MS, () => {
      tell(Math.max(0, clock.mono() - dueAt) / 1000);
      next();
    });
  };
  next();
  return () => cancel();
}
