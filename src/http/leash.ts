/** The deadline and the signal of one call. */
import { TransportError } from "../base/index.ts";
import { timerDelay } from "./longest-delay.ts";

const WANT = "want a complete reply";
const LATE = `got a timeout, ${WANT}`;

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/**
 * The one deadline and signal of a call, over everything it does: waiting, credentials, connections, repeats.
 *
 * It breaks once; whoever holds it then is told at once. `release` must follow every use.
 */
export class Leash {
  /** Why it broke; null while it holds. */
  error: TransportError | null = null;
  readonly #what: () => string;
  readonly #signal: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cut: ((error: TransportError) => void) | null = null;
  readonly #onAbort = (): void => this.#break("ABORTED", "got a cancellation, want a reply");

  /** `what` names the call; it is asked only when there is something to tell. */
  constructor(limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined }, what: () => string) {
    this.#what = what;
    this.#signal = limits.signal;
    if (limits.signal?.aborted === true) {
      this.#onAbort();
      return;
    }
    limits.signal?.addEventListener("abort", this.#onAbort);
    const late = (): void =>
      this.#break("DEADLINE", LATE, `got a timeout after ${seconds(limits.deadlineMs)}, ${WANT}`);
    this.#timer = setTimeout(late, timerDelay(limits.deadlineMs));
  }

  /** Calls `cut` when the leash breaks, at once if it is broken; replaces the holder before. */
  hold(cut: (error: TransportError) => void): void {
    if (this.error === null) this.#cut = cut;
    else cut(this.error);
  }

  /** The promise, or the leash's error if that comes first. */
  race<T>(promise: Promise<T>): Promise<T> {
    const { promise: broken, reject } = Promise.withResolvers<never>();
    this.hold(reject);
    return Promise.race([promise, broken]);
  }

  /** Takes the deadline away and keeps the signal: what follows may last. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  /** Ends it: no timer, listener or holder stays behind. */
  release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#cut = null;
  }

  /** `exactly`: the clause with what differs from one call to the next. */
  #break(code: "DEADLINE" | "ABORTED", clause: string, exactly = clause): void {
    const cut = this.#cut;
    this.release();
    this.error = new TransportError(code, `${this.#what()}: ${exactly}`, { clause });
    cut?.(this.error);
  }
}
