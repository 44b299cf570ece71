/** A bound on how many do something at once; those beyond it wait, first come first served. */
import { Fifo, type FifoMember } from "../base/index.ts";

/** A bound on how many do something at once. */
export interface Slots {
  /**
   * `entered` resolves when a slot is ours, and is null when one is at once. `leave` gives up waiting, or gives the slot
   * back; call it once.
   */
  enter(): { readonly entered: Promise<void> | null; readonly leave: () => void };
}

interface Waiter extends FifoMember<Waiter> {
  readonly start: () => void;
}

/** `limit` slots. */
export function createSlots(limit: number): Slots {
  const waiting = new Fifo<Waiter>();
  let taken = 0;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === null) taken -= 1;
    else next.start();
  };
  return {
    enter() {
      if (taken < limit) {
        taken += 1;
        return { entered: null, leave: giveBack };
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      let holds = false;
      const start = (): void => {
        holds = true;
        resolve();
      };
      const waiter: Waiter = { start, before: null, after: null };
      waiting.push(waiter);
      const leave = (): void => {
        if (holds) giveBack();
        else waiting.remove(waiter);
      };
      return { entered: promise, leave };
    },
  };
}
