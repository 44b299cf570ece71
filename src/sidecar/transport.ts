/**
 * The two doors this room takes to reach a sidecar, declared by shape: what goes out is a request, what comes
 * back is bytes. The deadline covers name lookup, connect, headers and body. Redirects are replies like any other.
 */

/** One request; `path` starts with `/`. */
export interface SidecarRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Limits of one call. */
export interface SidecarLimits {
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** A longer body is cut at `maxBytes` instead of failing the call with `TOO_LARGE`. */
  readonly truncate?: boolean;
  readonly signal?: AbortSignal;
  readonly permit?: Permit;
}

/** Asked right before the request is written: why it must not be, which fails the call with `WITHHELD`; null = it may. */
export type Permit = () => string | null;

/** A reply. Header names are lower case; the body is as sent, nothing is decompressed. */
export interface SidecarReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Straight to a Pod. Rejects with an error whose `code` is one of `TransportCode`. */
export interface DirectTransport {
  request(
    target: { readonly host: string; readonly port: number },
    request: SidecarRequest,
    limits: SidecarLimits,
  ): Promise<SidecarReply>;
}

/** The API server, whose pod proxy leads to the sidecar. Rejects as `DirectTransport` does. */
export interface ProxyTransport {
  request(request: SidecarRequest, limits: SidecarLimits): Promise<SidecarReply>;
}

/** Why no reply came. */
export type TransportCode = "UNREACHABLE" | "DEADLINE" | "TOO_LARGE" | "ABORTED" | "TLS" | "WITHHELD";
