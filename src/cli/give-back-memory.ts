import type { Timers } from "../kube/transport.ts";
import type { Host } from "./world/host.ts";

/** By then the lists are in and every node was looked at: most of the code that did it will not run again. */
const AFTER_START_MS = 60_000;
/** And after storms. */
const EVERY_MS = 600_000;

/** Gives memory back some time after the start and then every ten minutes. The result ends it. */
export function giveBackMemory({
  timers,
  giveBackMemory: giveBack,
}: Pick<Host, "giveBackMemory"> & { readonly timers: Timers }): () => void {
  let cancel = (): void => {};
  const later = (ms: number): void => {
    cancel = timers.after(ms, () => {
      giveBack();
      later(EVERY_MS);
    });
  };
  later(AFTER_START_MS);
  return () => cancel();
}
