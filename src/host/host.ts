/** The process we are: what it was started with, where it writes, how it is stopped and how it ends. */
import { writeSync } from "node:fs";
import { basename } from "node:path";
import { isatty } from "node:tty";

/** Everything of the process that the command line uses. */
export interface Host {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name we were started by: that of the file, or of a link to it. */
  readonly program: string;
  /** Runtime, system and processor, such as `bun 1.4.5 linux x64`. */
  readonly platform: string;
  readonly isTerminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Columns of the terminal that stdout is; null where it is none, or does not say. */
  readonly columns: number | null;
  /**
   * Resolves when the text was handed to the system; a reader that went away is no failure. Rejects with `OutputError`
   * where stdout cannot be written; there is nobody to tell of stderr.
   */
  write(stream: "stdout" | "stderr", text: string): Promise<void>;
  exit(code: number): never;
  /** Lets go of compiled code and memory that is not in use, as soon as nothing runs; what is used is compiled anew. */
  giveBackMemory(): void;
  /** Begins to collect all garbage, old and young, beside what runs. */
  collectGarbage(): void;
}

/** What was asked for cannot be written: a full disk, a quota. The message is one line for the user. */
export class OutputError extends Error {
  constructor(stream: string, cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "an error";
    super(`write ${stream}: got ${OUTPUT_FAULTS.get(code) ?? code}, want all of it written`, { cause });
    this.name = "OutputError";
  }
}

const OUTPUT_FAULTS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "no space left on the device"],
  ["EDQUOT", "no space left in the quota"],
  ["EFBIG", "a file past the size limit"],
]);

/**
 * Writes in the order of the calls: `Bun.write` alone lets concurrent calls overtake one another (tried, 1.4.5).
 * What comes in while a write is under way goes out with the next one.
 */
function inOrder(stream: "stdout" | "stderr"): (text: string) => Promise<void> {
  const target = Bun[stream];
  let pending = "";
  let flowing: Promise<void> | null = null;
  const drain = async (): Promise<void> => {
    // Never over within the call that started it, so that `flowing` is set before it is cleared.
    await Promise.resolve();
    try {
      while (pending !== "") {
        const text = pending;
        pending = "";
        await Bun.write(target, text);
      }
    } catch (error) {
      pending = "";
      const isGone = error instanceof Error && "code" in error && error.code === "EPIPE";
      if (stream === "stdout" && !isGone) throw new OutputError(stream, error);
    } finally {
      flowing = null;
    }
  };
  return (text) => {
    pending += text;
    flowing ??= drain();
    return flowing;
  };
}

const writers = { stdout: inOrder("stdout"), stderr: inOrder("stderr") };

/** The real one. */
export const host: Host = {
  argv: process.argv.slice(2),
  env: process.env,
  program: basename(process.argv0),
  platform: `bun ${Bun.version} ${process.platform} ${process.arch}`,
  isTerminal: { stdin: isatty(0), stdout: process.stdout.isTTY, stderr: process.stderr.isTTY },
  get columns() {
    const { isTTY, columns } = process.stdout;
    return isTTY && columns > 0 ? columns : null;
  },
  write: (stream, text) => writers[stream](text),
  exit: (code) => process.exit(code),
  // Deprecated in name, and the one door to it (tried, 1.4.5): a forced collection keeps all compiled code.
  giveBackMemory: () => Bun.shrink(),
  collectGarbage: () => Bun.gc(false),
};

/**
 * Signals and crashes, to be called before anything else: as PID 1 a process without a handler ignores SIGTERM.
 *
 * `onStop` hears of the first SIGTERM or SIGINT; the second ends the process with 128 + its number.
 * `onCrash` hears of an error nobody caught; what it returns is the last line before exit code 70. Output that cannot
 * be written is no defect: its own line, and exit code 1.
 */
export function guardProcess(guards: {
  readonly onStop: (signal: "SIGTERM" | "SIGINT") => void;
  readonly onCrash: (error: unknown) => string;
}): void {
  let stopping = false;
  for (const [signal, number] of [
    ["SIGTERM", 15],
    ["SIGINT", 2],
  ] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + number);
      stopping = true;
      guards.onStop(signal);
    });
  }
  const crash = (error: unknown): void => {
    try {
      // Synchronous: nothing that is still queued may run after a defect.
      writeSync(2, error instanceof OutputError ? `tidekeeper: ${error.message}\n` : guards.onCrash(error));
    } finally {
      process.exit(error instanceof OutputError ? 1 : 70);
    }
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}
