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
 * It is over once, by time or by the signal, and then ends what is under way. `release` must follow every use.
 */
export class CallDeadline {
  /** Why it is over; null until then. */
  error: TransportError | null = null;
  readonly #what: () => string;
  readonly #signal: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cut: ((error: TransportError) => void) | null = null;
  readonly #onAbort = (): void => this.#end("ABORTED", "got a cancellation, want a reply");

  /** `what` names the call; it is asked only when there is something to tell. */
  constructor(limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined }, what: () => string) {
    this.#what = what;
    this.#signal = limits.signal;
    if (limits.signal?.aborted === true) {
      this.#onAbort();
      return;
    }
    limits.signal?.addEventListener("abort", this.#onAbort);
    const late = (): void => this.#end("DEADLINE", LATE, `got a timeout after ${seconds(limits.deadlineMs)}, ${WANT}`);
    this.#timer = setTimeout(late, timerDelay(limits.deadlineMs));
  }

  /** Calls `cut` when the deadline is over, at once if it is already. What was to be called before is not any more. */
  whenOver(cut: (error: TransportError) => void): void {
    if (this.error === null) this.#cut = cut;
    else cut(this.error);
  }

  /** The promise, or the deadline's error if that comes first. */
  race<T>(promise: Promise<T>): Promise<T> {
    const { promise: over, reject } = Promise.withResolvers<never>();
    this.whenOver(reject);
    return Promise.race([promise, over]);
  }

  /** Takes the deadline away and keeps the signal: what follows may last. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the use of it: no timer or listener stays behind, and nothing is called any more. */
  release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#cut = null;
  }

  /** `exactly`: the clause with what differs from one call to the next. */
  #end(code: "DEADLINE" | "ABORTED", clause: string, exactly = clause): void {
    const cut = this.#cut;
    this.release();
    this.error = new TransportError(code, `${this.#what()}: ${exactly}`, { clause });
    cut?.(this.error);
  }
}
