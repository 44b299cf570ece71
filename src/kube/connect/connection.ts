/** Which API server to speak to, and as whom. Source: docs/design/0005-kubeconfig.md. */
import type { Clock } from "../../base/index.ts";

/** What the handshake needs. PEM texts; null = none. */
export interface ConnectionTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Name to verify instead of the host's. */
  readonly serverName: string | null;
  readonly insecure: boolean;
}

/** An API server and an identity. */
export interface Connection {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path before every request, without a trailing slash; usually empty. */
  readonly basePath: string;
  readonly tls: ConnectionTls;
  /**
   * The same read anew: files and credentials are replaced while we run. `force` when the server did not take the
   * present ones. Rejects when what is there now cannot be used.
   */
  readonly renewTls: (force: boolean) => Promise<ConnectionTls>;
  /** Value of the `Authorization` header, null for none; `force` after a 401 reads it anew. */
  readonly authorization: (force: boolean) => Promise<string | null>;
  /** Headers of every request, such as impersonation; several values are a line each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** URL of the proxy to go through, with its credentials; null = none. */
  readonly proxy: string | null;
  /** Namespace of the context or of our Pod. */
  readonly namespace: string | null;
  readonly source: "kubeconfig" | "in-cluster";
  /** For people: context and server. */
  readonly description: string;
  readonly warnings: readonly string[];
}

/** What a credential program came to. */
export interface ExecReply {
  /** Null when it could not be started or had to be stopped. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last of it, also of a program that had to be stopped. */
  readonly stderr: string;
  readonly failure: "absent" | "timeout" | "tooLarge" | "calledOff" | null;
}

/** The slice of the World that connecting takes. */
export interface ConnectionPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly homeDirectory: string;
  /** Text of a file; null when it is not there. Rejects when it cannot be read. */
  readonly readFile: (path: string) => Promise<string | null>;
  /** Permission bits; null when it is not there. */
  readonly fileMode: (path: string) => Promise<number | null>;
  /** Runs a program without a shell. */
  readonly exec: (program: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly deadlineMs: number;
    readonly maxBytes: number;
    /** It reads what is typed. */
    readonly takesInput: boolean;
    /** What it says goes to our terminal as it comes, instead of into the reply. */
    readonly showsErrors: boolean;
  }) => Promise<ExecReply>;
  /** Whether somebody can be asked, and be shown what a program says. */
  readonly isTerminal: { readonly stdin: boolean; readonly stderr: boolean };
  /** Unix milliseconds at which the first certificate of a PEM text ends; null when it holds none. */
  readonly certificateEnd: (pem: string) => number | null;
  /** Whether a private key belongs to a certificate; `encrypted` and `malformed` for keys that cannot be used. */
  readonly keyFits: (cert: string, key: string) => "fits" | "mismatch" | "encrypted" | "malformed";
}

/** Reads a token at most this often, and at once after a 401. */
const TOKEN_FRESH_MS = 60_000;

/**
 * An `authorization` that reads a file again when its token may have been rotated. `first` holds until the file does;
 * null where there is nothing else.
 */
export function fileToken(
  path: string,
  ports: ConnectionPorts,
  first: string | null = null,
): Connection["authorization"] {
  let known: { readonly token: string; readonly at: number } | null = null;
  let reading: Promise<string | null> | null = null;
  const read = async (): Promise<string | null> => {
    const now = ports.clock.mono();
    const text = (await ports.readFile(path).catch(() => null))?.trim() ?? "";
    // Where the file is gone for a moment, the old token is better than none: the server decides.
    if (text !== "") known = { token: `Bearer ${text}`, at: now };
    return known?.token ?? (first === null ? null : `Bearer ${first}`);
  };
  return async (force) => {
    if (!force && known !== null && ports.clock.mono() - known.at < TOKEN_FRESH_MS) return known.token;
    // Requests that come together, or are refused together, share one read.
    reading ??= read().finally(() => (reading = null));
    return reading;
  };
}
