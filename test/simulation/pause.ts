/** A process that can be stopped and continued, as SIGSTOP and SIGCONT do: its clocks go on, and what was due comes late. */
import type { Timers } from "../../src/base/index.ts";

/** The state of one process. */
export class Pause {
  #held: (() => void)[] | null = null;

  get isStopped(): boolean {
    return this.#held !== null;
  }

  stop(): void {
    this.#held ??= [];
  }

  /** What was due is done now, in its order. */
  continue(timers: Timers): void {
    const due = this.#held ?? [];
    this.#held = null;
    for (const run of due) timers.after(0, () => this.run(run));
  }

  /** Runs it now, or when the process goes on. */
  run(run: () => void): void {
    if (this.#held === null) run();
    else this.#held.push(run);
  }

  /** Resolves when the process goes on; null when it does not stand still. */
  over(): Promise<void> | null {
    const held = this.#held;
    return held === null ? null : new Promise((resolve) => void held.push(resolve));
  }
}
