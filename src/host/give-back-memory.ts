/** When garbage is collected and memory given back to the system. */
import type { Timers } from "../base/index.ts";
import type { Host } from "./host.ts";

/** By then the lists are in and every node was observed: most of the code that did it will not run again. */
const AFTER_START_MS = 60_000;
/** And after storms. */
const EVERY_MS = 600_000;
/**
 * Objects that are in use during a young collection count as old from then on. At a constant pace the runtime hardly ever
 * collects the old ones by itself, and they add up to a dozen megabytes.
 */
const COLLECT_EVERY_MS = 30_000;

/** Collects garbage now and then, and gives memory back some time after the start and every ten minutes. The result ends it. */
export function giveBackMemory({
  timers,
  giveBackMemory: giveBack,
  collectGarbage,
}: Pick<Host, "giveBackMemory" | "collectGarbage"> & { readonly timers: Timers }): () => void {
  const ends = [
    repeat(timers, collectGarbage, { firstMs: COLLECT_EVERY_MS, everyMs: COLLECT_EVERY_MS }),
    repeat(timers, giveBack, { firstMs: AFTER_START_MS, everyMs: EVERY_MS }),
  ];
  return () => ends.forEach((end) => end());
}

function repeat(
  timers: Timers,
  run: () => void,
  pace: { readonly firstMs: number; readonly everyMs: number },
): () => void {
  let cancel = (): void => {};
  const later = (ms: number): void => {
    cancel = timers.after(ms, () => {
      run();
      later(pace.everyMs);
    });
  };
  later(pace.firstMs);
  return () => cancel();
}
