/** The one door to everything outside the program: passed in, never imported by a room. */
import type { ApiTransport, Clock, Random, Timers } from "../../kube/transport.ts";
import type { DirectTransport } from "../../sidecar/transport.ts";
import type { Host } from "./host.ts";

/** The process (`Host`: arguments, environment, output, exit) and all that surrounds it. */
export interface World extends Host {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly files: Files;
  readonly exec: Exec;
  readonly transports: Transports;
}

/** Doors to other machines. A simulation puts its own here. */
export interface Transports {
  /** To one API server. */
  api(options: ApiTransportOptions): ApiTransport;
  /** To sidecars; one for all of them, since it bounds their sockets. */
  direct(options?: DirectTransportOptions): DirectTransport;
}

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

/** The file system, for reading. Relative paths start at the working directory. */
export interface Files {
  readText(path: string, limits?: { readonly maxBytes?: number }): Promise<FileText>;
  /** Follows links; null when nothing is there or it may not be looked at. */
  stat(path: string): Promise<FileStat | null>;
  exists(path: string): Promise<boolean>;
}

/** A file's text, or why there is none. `message` is one line and holds nothing of the content. */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: "MISSING" | "UNREADABLE" | "TOO_LARGE"; readonly message: string };

/** What is known of a path. */
export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly bytes: number;
  /** Unix time in milliseconds. */
  readonly modifiedAtMs: number;
  /** Permission bits. */
  readonly mode: number;
}

/** Runs a program without a shell and waits for it. Never rejects. */
export type Exec = (program: Program) => Promise<ExecOutcome>;

/** A program to run. */
export interface Program {
  /** A path, or a name that is looked up in `searchPath`, else in `PATH` of `env`. */
  readonly command: string;
  readonly searchPath?: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** From the start to the end of its output; then it is killed. */
  readonly deadlineMs: number;
  /** Bytes of output; past it the program is killed. Of error output the last 64 KiB are kept. */
  readonly maxBytes: number;
  /** It reads our own input; else its input is empty. */
  readonly takesInput?: boolean;
  /** Its error output is our own, as it comes, and is not kept. */
  readonly showsErrors?: boolean;
  readonly signal?: AbortSignal;
}

/** What a program came to. `code` is 128 + the number where a signal ended it. */
export type ExecOutcome =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | {
      readonly kind: "failed";
      readonly code: "NOT_STARTED" | "DEADLINE" | "TOO_LARGE" | "ABORTED";
      readonly message: string;
      /** The last of what it said on its error output. */
      readonly stderr: string;
    };
