/** The byte-level ports this room answers on, declared structurally so that no client code is shared with it. */

/** One HTTP request: `path` starts with `/` and carries its query. */
export interface SimRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Limits of one call, as the client sets them. Times in milliseconds. */
export interface SimLimits {
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** A longer body is cut at `maxBytes` instead of failing the call. */
  readonly truncate?: boolean;
  readonly signal?: AbortSignal;
}

/** A whole reply. Header names are lower case. */
export interface SimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A reply whose body is still arriving. */
export interface SimStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The API server's door. */
export interface SimApi {
  request(request: SimRequest, limits: SimLimits): Promise<SimResponse>;
  stream(request: SimRequest, limits: Omit<SimLimits, "maxBytes">): Promise<SimStream>;
}

/** Where a sidecar listens: `host` is a Pod IP or `{node}-0.{node}.{namespace}.svc.cluster.local`. */
export interface SimTarget {
  readonly host: string;
  readonly port: number;
}

/** The sidecars' door. */
export interface SimSidecars {
  request(target: SimTarget, request: SimRequest, limits: SimLimits): Promise<SimResponse>;
}

/** Why no reply comes. */
export type FailureCode = "UNREACHABLE" | "DEADLINE" | "TOO_LARGE" | "ABORTED";

/** Makes the error a transport rejects with, so that a client's own error class can be used. */
export type MakeFailure = (code: FailureCode, message: string) => Error;

/** The default error: an `Error` with `name` `TransportError` and a `code`. */
export function plainFailure(code: FailureCode, message: string): Error {
  return Object.assign(new Error(message), { name: "TransportError", code });
}
