/** How long a simulated call takes and how it ends: the network between a client and what it talks to. */
import { type CallLimits, type HttpResponse, type Timers, TransportError } from "../base/index.ts";

/** What a server does with a request: reply, or keep silent (`hang`), or be gone (`refuse`). */
export type Answer =
  | { readonly kind: "reply"; readonly reply: HttpResponse }
  | { readonly kind: "hang" }
  | { readonly kind: "refuse" };

/** One call under way. */
export interface CallOptions {
  readonly timers: Timers;
  readonly limits: Omit<CallLimits, "maxBytes"> & { readonly maxBytes?: number };
  /** Milliseconds before the server sees the request. */
  readonly latencyMs: number;
  /** Milliseconds from the answer to its arrival; 0 unless given. */
  readonly replyMs?: number;
  /** Where the request goes, for error messages. */
  readonly where: string;
}

/** Lets `serve` run after the latency and settles as the network would. */
export function call(options: CallOptions, serve: () => Answer): Promise<HttpResponse> {
  const { timers, limits, latencyMs, replyMs = 0, where } = options;
  return new Promise((resolve, reject) => {
    let cancel = (): void => undefined;
    const onAbort = (): void => {
      cancel();
      reject(new TransportError("ABORTED", `call given up: ${where}`));
    };
    const end = (settle: () => void): void => {
      limits.signal?.removeEventListener("abort", onAbort);
      settle();
    };
    const late = (): void =>
      end(() => reject(new TransportError("DEADLINE", `no reply in ${limits.deadlineMs} ms: ${where}`)));
    if (limits.signal?.aborted) return onAbort();
    limits.signal?.addEventListener("abort", onAbort, { once: true });
    if (latencyMs >= limits.deadlineMs) {
      cancel = timers.after(limits.deadlineMs, late);
      return;
    }
    cancel = timers.after(latencyMs, () => {
      const answer = serve();
      if (answer.kind === "hang") {
        cancel = timers.after(limits.deadlineMs - latencyMs, late);
        return;
      }
      if (answer.kind === "refuse")
        return end(() => reject(new TransportError("UNREACHABLE", `connection refused: ${where}`)));
      const arrive = (): void => end(() => deliver(answer.reply));
      if (replyMs === 0) return arrive();
      const isLate = latencyMs + replyMs >= limits.deadlineMs;
      cancel = timers.after(isLate ? limits.deadlineMs - latencyMs : replyMs, isLate ? late : arrive);
    });
    function deliver(reply: HttpResponse): void {
      const { body } = reply;
      const max = limits.maxBytes ?? Number.POSITIVE_INFINITY;
      if (body.length <= max) return resolve(reply);
      if (limits.truncate) return resolve({ ...reply, body: body.slice(0, max) });
      reject(
        new TransportError("TOO_LARGE", `body too large: ${where}: got ${body.length} bytes, want at most ${max}`),
      );
    }
  });
}
