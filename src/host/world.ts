/** The one door to everything outside the program: passed in, never imported by a room. */
import type { ApiTransport, Clock, DirectTransport, PathFacts, Random, Timers } from "../base/index.ts";
import type { ApiTransportOptions, DirectTransportOptions } from "../http/index.ts";
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
  readonly kind: PathFacts["kind"];
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
