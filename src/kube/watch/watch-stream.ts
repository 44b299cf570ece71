/** One watch request, from its first byte to its end. */
import { Framer } from "./framer.ts";
import type { AttemptEnd } from "./reflector-step.ts";
import { type ApiTransport, callError, type Clock, type Timers, TransportError } from "../../base/index.ts";
import { type ParseJson, readRefusal } from "../client/index.ts";
import { readWatchLine, type WatchEvent } from "./watch-event.ts";

/** One watch request, and what to call with what it brings. */
export interface WatchStreamOptions {
  readonly transport: ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly path: string;
  /** The version it starts at; `null` when it begins with a list of its own. */
  readonly version: string | null;
  /** Called once, when the server has agreed to stream. */
  readonly onOpen: () => void;
  /** Called for each change, bookmark and odd line, in order. */
  readonly onEvent: (event: Extract<WatchEvent, { kind: "change" | "bookmark" | "odd" }>) => void;
  /** Reads a line; `JSON.parse` unless given. */
  readonly parse?: ParseJson;
  readonly signal: AbortSignal;
}

/** What the server is asked to end a watch after. Bookmarks come a minute apart, so they are no sign of life. */
export const WATCH_SECONDS = 45;
const DEAD_MS = 50_000;
const HEADERS_MS = 10_000;
const INITIAL_SILENCE_MS = 10_000;
const REFUSAL_BYTES = 64 * 1024;

/** Runs one watch to its end, whichever way it ends. Rejects only on a defect of ours or of a listener. */
export async function runWatchStream(options: WatchStreamOptions): Promise<AttemptEnd> {
  const cut = new AbortController();
  const forward = () => cut.abort();
  options.signal.addEventListener("abort", forward, { once: true });
  const watch = new RunningWatch(options, cut);
  try {
    return await watch.run();
  } finally {
    watch.stop();
    cut.abort();
    options.signal.removeEventListener("abort", forward);
  }
}

class RunningWatch {
  readonly #options: WatchStreamOptions;
  readonly #cut: AbortController;
  readonly #framer = new Framer();
  /** What has been told; `null` until the list part, if there is one, is complete. */
  #version: string | null;
  #progressed = false;
  #isSilent = false;
  #cancels: (() => void)[] = [];

  constructor(options: WatchStreamOptions, cut: AbortController) {
    this.#options = options;
    this.#cut = cut;
    this.#version = options.version;
  }

  stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  async run(): Promise<AttemptEnd> {
    const { transport, path, clock } = this.#options;
    try {
      const limits = { deadlineMs: HEADERS_MS, signal: this.#cut.signal };
      const headers = { accept: "application/json" };
      const reply = await transport.stream({ method: "GET", path, headers }, limits);
      const body = reply.body[Symbol.asyncIterator]();
      if (reply.status !== 200) return await this.#refused(reply.status, reply.headers["retry-after"] ?? null, body);
      const openedAt = clock.mono();
      this.#options.onOpen();
      this.#quietFor(DEAD_MS, this.#version === null ? INITIAL_SILENCE_MS : null);
      const ending = await this.#read(body);
      if (ending !== null) return ending;
      if (this.#isSilent) return { kind: "silent", version: this.#version };
      return this.#closed(clock.mono() - openedAt);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (this.#isSilent) return { kind: "silent", version: this.#version };
      return { kind: "unreachable", version: this.#version, why: error.clause };
    }
  }

  #closed(lastedMs: number): AttemptEnd {
    if (this.#framer.held > 0)
      return {
        kind: "unreachable",
        version: this.#version,
        why: "got a stream cut in the middle of a line, want whole lines",
      };
    return { kind: "closed", version: this.#version, lastedMs, progressed: this.#progressed };
  }

  /** Reads until the stream ends (`null`) or says why it must. */
  async #read(body: AsyncIterator<Uint8Array>): Promise<AttemptEnd | null> {
    for (;;) {
      const chunk = await nextChunk(body, this.#cut.signal);
      if (chunk === null) return null;
      if (this.#version === null) this.#stillArriving();
      const { lines, broken } = this.#framer.push(chunk);
      for (const line of lines) {
        const ending = this.#take(readWatchLine(line, this.#options.parse));
        if (ending !== null) return ending;
      }
      if (broken !== null) return { kind: "broken", version: this.#version, why: `got ${broken}, want JSON lines` };
    }
  }

  #take(event: WatchEvent): AttemptEnd | null {
    switch (event.kind) {
      case "broken":
        return { kind: "broken", version: this.#version, why: event.why };
      case "error":
        return { kind: "refused", version: this.#version, refusal: event.refusal, inStream: true };
      case "odd":
        this.#options.onEvent(event);
        return null;
      case "change":
      case "bookmark":
        this.#options.onEvent(event);
        this.#reach(event);
        return null;
    }
  }

  #reach(event: Extract<WatchEvent, { kind: "change" | "bookmark" }>): void {
    const isListEnd = event.kind === "bookmark" && event.isInitialEnd;
    if (this.#version === null && !isListEnd) return;
    if (this.#version === null) this.#quietFor(DEAD_MS, null);
    this.#progressed ||= event.version !== this.#version;
    this.#version = event.version;
  }

  async #refused(status: number, retryAfter: string | null, body: AsyncIterator<Uint8Array>): Promise<AttemptEnd> {
    this.#quietFor(HEADERS_MS, null);
    const chunks: Uint8Array[] = [];
    for (let held = 0; held < REFUSAL_BYTES;) {
      const chunk = await nextChunk(body, this.#cut.signal);
      if (chunk === null) break;
      chunks.push(chunk);
      held += chunk.length;
    }
    const refusal = readRefusal(status, parseRefusal(chunks), retryAfter);
    return { kind: "refused", version: this.#version, refusal, inStream: false };
  }

  /** Cuts the stream after `deadMs` in all, and after `silenceMs` without a byte. */
  #quietFor(deadMs: number, silenceMs: number | null): void {
    this.stop();
    const silent = () => {
      this.#isSilent = true;
      this.#cut.abort();
    };
    this.#cancels = [this.#options.timers.after(deadMs, silent)];
    if (silenceMs !== null) this.#cancels.push(this.#options.timers.after(silenceMs, silent));
  }

  #stillArriving(): void {
    this.#quietFor(DEAD_MS, INITIAL_SILENCE_MS);
  }
}

/** The next chunk; `null` at the end, and at once when `signal` aborts, whatever the transport does then. */
function nextChunk(body: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      resolve(null);
      // The connection is given up; how its reader takes that no longer matters.
      body.return?.().catch(() => null);
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    body.next().then(
      (result) => {
        signal.removeEventListener("abort", stop);
        return resolve(result.done === true ? null : result.value);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", stop);
        reject(
          error instanceof TransportError
            ? error
            : callError("UNREACHABLE", "watch", { clause: "got a stream that broke off, want its end" }),
        );
      },
    );
  });
}

function parseRefusal(chunks: readonly Uint8Array[]): unknown {
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}
