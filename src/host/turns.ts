/** Work for others that comes after our own: done behind timers that are due, and only for a share of the time. */

/** Runs things one after the other. */
export interface Turns {
  readonly add: (run: () => void) => void;
  /** Does something at once, and counts the time it takes as the turns'. */
  readonly charged: <Result>(run: () => Result) => Result;
}

/** No longer in a row than this. */
const SLICE_MS = 5;
/** For each millisecond of work so many of rest: a tenth of the time at most, whoever asks for more. */
const REST = 9;
const LONGEST_REST_MS = 250;

/** Turns of a port. Whoever comes alone has its turn at once. */
export function createTurns(): Turns {
  const due: (() => void)[] = [];
  let isArmed = false;
  /** Processor time that no rest has followed yet. Not wall time: on a busy machine that counts what others did. */
  let owedMs = 0;
  let restedAt = performance.now();
  const settle = (): void => {
    const now = performance.now();
    owedMs = Math.max(0, owedMs - (now - restedAt) / REST);
    restedAt = now;
  };
  const charged = <Result>(run: () => Result): Result => {
    settle();
    const from = process.cpuUsage();
    try {
      return run();
    } finally {
      const { user, system } = process.cpuUsage(from);
      restedAt = performance.now();
      owedMs += (user + system) / 1000;
    }
  };
  const arm = (): void => {
    if (isArmed || due.length === 0) return;
    isArmed = true;
    settle();
    // A single answer is not worth a rest.
    setTimeout(turn, owedMs < 1 ? 0 : Math.min(LONGEST_REST_MS, owedMs * REST));
  };
  const turn = (): void => {
    isArmed = false;
    charged(() => {
      const until = performance.now() + SLICE_MS;
      do due.shift()?.();
      while (due.length > 0 && performance.now() < until);
    });
    arm();
  };
  return {
    charged,
    add(run) {
      due.push(run);
      arm();
    },
  };
}
