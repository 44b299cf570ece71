/** Where servers are and how they are spoken to. */

/** Where an API server is and how it is spoken to. */
export interface ApiTransportOptions {
  /** `https://host:port`, also `http:`; a path in it is put before the path of every request. */
  readonly origin: string;
  readonly tls: ApiTls;
  /**
   * The `Authorization` header of the next request; null for none. Called for every request, at once by many.
   * `force` says that the last one was refused with 401, so a cached one is of no use.
   */
  readonly authorization: (force: boolean) => Promise<string | null>;
  /** Sent with every request, such as impersonation; several values are a line each. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** `http:`, `https:` or `socks5:` URL of a proxy; none when absent or null. */
  readonly proxy?: string | null;
  readonly userAgent: string;
  /** Sockets for requests; 64 when absent. Streams have theirs on top. */
  readonly maxSockets?: number;
}

/** Whom to trust and who we are; PEM texts. */
export interface ApiTls {
  /** Null trusts the roots the program was built with. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** The name in the server's certificate, where it is not the host of `origin`. */
  readonly serverName: string | null;
  /** Trusts any certificate. Only this switches verification off; no environment variable does. */
  readonly insecure: boolean;
}

/** Bounds over all sidecars. */
export interface DirectTransportOptions {
  /** Sockets at once; 256 when absent. Waiting for one counts in the deadline of the call. */
  readonly maxSockets?: number;
}
