/** For how long the API server has not answered. */
import { type ApiTransport, type Clock, messageOf, type Timers, TransportError } from "../base/index.ts";
import type { Instruments, Logger } from "../telemetry/index.ts";

/** What it is measured with and told to. */
export interface ApiSilenceOptions {
  readonly clock: Pick<Clock, "mono">;
  readonly timers: Timers;
  readonly instruments: Pick<Instruments, "set">;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** A watch over all that is asked of the API server. */
export interface ApiSilence {
  /** The transport, with its answers noted. */
  over(transport: ApiTransport): ApiTransport;
  /** Milliseconds since the first request was sent that got no answer, if none got one since; else 0. */
  readonly ms: number;
  /** The same for a person. */
  readonly note: string;
  stop(): void;
}

const CHECK_MS = 5_000;
/** A request or two may be late without anything being wrong. */
const TOLD_FROM_MS = 10_000;
const TOLD_EVERY_MS = 60_000;
/** A load balancer says these in the place of a server that is away. */
const IN_ITS_PLACE: ReadonlySet<number> = new Set([502, 503, 504]);

/** Begins to measure, and to tell: in the log at 10 s, then every minute, and when it is over. */
export function watchApiSilence(options: ApiSilenceOptions): ApiSilence {
  return new Silence(options);
}

class Silence implements ApiSilence {
  readonly #options: ApiSilenceOptions;
  /** Requests under way, by when they were sent. */
  readonly #open = new Set<{ readonly at: number }>();
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** When the first request was sent that came to nothing since. */
  #missedFrom: number | null = null;
  #why = "";
  #toldAt: number | null = null;
  #cancel: () => void = () => {};

  constructor(options: ApiSilenceOptions) {
    this.#options = options;
    this.#check();
  }

  get ms(): number {
    const open = [...this.#open].map(({ at }) => at).filter((at) => at >= this.#answeredAt);
    const first = Math.min(...open, this.#missedFrom ?? Number.POSITIVE_INFINITY);
    return Math.max(0, this.#options.clock.mono() - first);
  }

  get note(): string {
    const seconds = Math.round(this.ms / 1000);
    return seconds < 1
      ? "it answers"
      : `it has not answered for ${seconds} s${this.#why === "" ? "" : `: ${this.#why}`}`;
  }

  over(transport: ApiTransport): ApiTransport {
    return {
      request: (request, limits) => this.#noted(request.path, () => transport.request(request, limits)),
      stream: (request, limits) => this.#noted(request.path, () => transport.stream(request, limits)),
    };
  }

  stop(): void {
    this.#cancel();
  }

  async #noted<T extends { readonly status: number }>(path: string, send: () => Promise<T>): Promise<T> {
    const request = { at: this.#options.clock.mono() };
    this.#open.add(request);
    try {
      const reply = await send();
      // What a Pod's proxy answers is the Pod's word, whatever it says: the server was there to pass it on.
      if (IN_ITS_PLACE.has(reply.status) && !path.includes("/proxy/")) this.#missed(request.at, `HTTP ${reply.status}`);
      else this.#answered();
      return reply;
    } catch (error) {
      if (!isOurDoing(error)) this.#missed(request.at, messageOf(error));
      throw error;
    } finally {
      this.#open.delete(request);
    }
  }

  #missed(sentAt: number, why: string): void {
    // One that was sent before the last answer is only late.
    if (sentAt < this.#answeredAt) return;
    this.#missedFrom = Math.min(this.#missedFrom ?? sentAt, sentAt);
    this.#why = why;
  }

  #answered(): void {
    const lastedMs = this.ms;
    this.#answeredAt = this.#options.clock.mono();
    this.#missedFrom = null;
    this.#why = "";
    if (this.#toldAt === null) return;
    this.#toldAt = null;
    this.#options.log.info("The API server answers again", { after_seconds: Math.round(lastedMs / 1000) });
  }

  #check(): void {
    const { clock, timers, instruments, log } = this.#options;
    const [now, ms] = [clock.mono(), this.ms];
    instruments.set("apiSilence", ms / 1000, {});
    if (ms >= TOLD_FROM_MS && (this.#toldAt === null || now - this.#toldAt >= TOLD_EVERY_MS)) {
      this.#toldAt = now;
      const why = this.#why === "" ? "a request is under way without a reply" : this.#why;
      log.warn("The API server has not answered", { seconds: Math.round(ms / 1000), why });
    }
    this.#cancel = timers.after(CHECK_MS, () => this.#check());
  }
}

/** Called off, or never sent. */
function isOurDoing(error: unknown): boolean {
  return error instanceof TransportError && (error.code === "ABORTED" || error.code === "WITHHELD");
}
