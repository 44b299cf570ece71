/**
 * The byte-level door to an HTTP server, and the slices of the World that this room takes.
 *
 * Bodies are bytes and nothing is parsed here, so a simulated server behind the same door meets our
 * framing, truncation and deadlines as a real one does.
 */

/** One HTTP request: `path` starts with `/` and carries its query. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Limits of one call. Every call has all of them. */
export interface CallLimits {
  /** Milliseconds from the call to the last byte of the reply: name lookup, connect, headers and body. */
  readonly deadlineMs: number;
  /** Bytes of body read before the call fails with `TOO_LARGE`. */
  readonly maxBytes: number;
  /** A longer body is cut at `maxBytes` instead of failing the call. */
  readonly truncate?: boolean;
  readonly signal?: AbortSignal;
  readonly permit?: Permit;
}

/**
 * Asked when all waiting is over and the request is about to be written: why it must not be, or null. Whoever asked before
 * it began may have been right then; a refusal fails the call with `WITHHELD`, and nothing was sent.
 */
export type Permit = () => string | null;

/** A whole reply. Header names are lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A reply whose body is still arriving. Breaking off the iteration closes the connection. */
export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Why no reply came. `code` is a closed set; `message` names no secret. `WITHHELD`: its permit was refused, nothing was sent. */
export class TransportError extends Error {
  readonly code: "UNREACHABLE" | "DEADLINE" | "TOO_LARGE" | "ABORTED" | "TLS" | "WITHHELD";
  /**
   * What came instead, as `got X, want Y. hint`, without the call that `message` names and without times: for whoever tells
   * it behind words of its own, and in status.
   */
  readonly clause: string;
  constructor(code: TransportError["code"], message: string, options: { cause?: unknown; clause?: string } = {}) {
    super(message, options);
    this.name = "TransportError";
    this.code = code;
    this.clause = options.clause ?? message;
  }
}

/** The error of a call that `what` names, `got X, want Y. hint` behind it. */
export function callError(
  code: TransportError["code"],
  what: string,
  { clause, cause }: { readonly clause: string; readonly cause?: unknown },
): TransportError {
  return new TransportError(code, `${what}: ${clause}`, { clause, cause });
}

/** The API server, or anything that speaks like one. Rejects with `TransportError` alone. */
export interface ApiTransport {
  request(request: HttpRequest, limits: CallLimits): Promise<HttpResponse>;
  /** `deadlineMs` bounds the time to the headers; the body is bounded by `signal` and by the reader. */
  stream(request: HttpRequest, limits: Omit<CallLimits, "maxBytes" | "truncate">): Promise<HttpStream>;
}

/** Straight to a server by its address. The body is as sent: nothing is decompressed, and redirects are replies. Rejects with `TransportError` alone. */
export interface DirectTransport {
  request(
    target: { readonly host: string; readonly port: number },
    request: HttpRequest,
    limits: CallLimits,
  ): Promise<HttpResponse>;
}
