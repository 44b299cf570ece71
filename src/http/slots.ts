/** A bound on how many do something at once; those beyond it wait, first come first served. */
export interface Slots {
  /**
   * `entered` resolves when a slot is ours, and is null when one is at once. `leave` gives up waiting, or gives the slot
   * back; call it once.
   */
  enter(): { readonly entered: Promise<void> | null; readonly leave: () => void };
}

/** `limit` slots. */
export function createSlots(limit: number): Slots {
  // A Set keeps order and forgets the impatient at once, wherever they stand.
  const waiting = new Set<() => void>();
  let taken = 0;
  return {
    enter() {
      let holds = taken < limit;
      if (holds) {
        taken += 1;
        return { entered: null, leave };
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const turn = (): void => {
        holds = true;
        resolve();
      };
      waiting.add(turn);
      return { entered: promise, leave };

      function leave(): void {
        if (!holds) {
          waiting.delete(turn);
          return;
        }
        const [next] = waiting;
        if (next === undefined) {
          taken -= 1;
          return;
        }
        waiting.delete(next);
        next();
      }
    },
  };
}
