/** Runs the credential plugin of a kubeconfig. */
import { timerDelay } from "../http/index.ts";
import type { ExecOutcome, Program } from "./world.ts";

type Failure = Extract<ExecOutcome, { readonly kind: "failed" }>["code"];

/** Of error output, its last bytes are kept; a program may say as much as it likes. */
const TAIL_BYTES = 64 * 1024;
/** What it left running may hold its error output open for as long as it likes; nobody waits for that. */
const LINGER_MS = 200;

/** Runs a program without a shell, with no more environment than it is given. */
export async function runProgram(program: Program): Promise<ExecOutcome> {
  const { command, env, deadlineMs, maxBytes, signal } = program;
  const said = new Tail();
  const failed = (code: Failure, got: string): ExecOutcome => ({
    kind: "failed",
    code,
    message: `run ${command}: got ${got}`,
    stderr: said.text(),
  });
  if (signal?.aborted === true) return failed("ABORTED", "a cancellation, want it to run");
  const path = Bun.which(command, { PATH: program.searchPath ?? env["PATH"] ?? "" });
  if (path === null) return failed("NOT_STARTED", "no such program, want one that can be run. Check PATH");

  const { promise: cut, resolve: end } = Promise.withResolvers<ExecOutcome>();
  const late = setTimeout(
    () => end(failed("DEADLINE", `a timeout after ${deadlineMs} ms, want it to end by itself`)),
    timerDelay(deadlineMs),
  );
  const onAbort = (): void => end(failed("ABORTED", "a cancellation, want it to end by itself"));
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const child = spawnProgram(path, program);
    const [stdout, stderr] = [child.stdout.getReader(), child.stderr?.getReader() ?? null];
    const tooLarge = (): void => end(failed("TOO_LARGE", `more than ${maxBytes} bytes of output, want less`));
    const text = readAll(stdout, maxBytes, tooLarge);
    const whole = exitOf(child.exited, { text, heard: heardFrom(stderr, said), said });
    const outcome = await Promise.race([whole, cut]);
    if (outcome.kind === "failed") {
      child.kill("SIGKILL");
      // A child of the child may hold the pipe open; nobody waits for it.
      stdout.cancel().catch(() => {});
    }
    stderr?.cancel().catch(() => {});
    return outcome;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    return failed("NOT_STARTED", `${code}, want a program that starts`);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", onAbort);
  }
}

function spawnProgram(path: string, { args, env, takesInput, showsErrors }: Program) {
  return Bun.spawn([path, ...args], {
    env,
    stdin: takesInput === true ? "inherit" : "ignore",
    stdout: "pipe",
    stderr: showsErrors === true ? "inherit" : "pipe",
  });
}

async function exitOf(
  exited: Promise<number>,
  output: { readonly text: Promise<string>; readonly heard: Promise<void>; readonly said: Tail },
): Promise<ExecOutcome> {
  const [code, stdout] = await Promise.all([exited, output.text]);
  await Promise.race([output.heard, Bun.sleep(LINGER_MS)]);
  return { kind: "exited", code, stdout, stderr: output.said.text() };
}

/** The last bytes of a stream. */
class Tail {
  #bytes: Uint8Array = new Uint8Array();

  add(piece: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, piece]).subarray(-TAIL_BYTES);
  }

  text(): string {
    return Buffer.from(this.#bytes).toString("utf8");
  }
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

async function heardFrom(reader: Reader | null, tail: Tail): Promise<void> {
  if (reader === null) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return;
    tail.add(value);
  }
}

async function readAll(reader: Reader, maxBytes: number, tooLarge: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return Buffer.concat(chunks).toString("utf8");
    bytes += value.length;
    if (bytes > maxBytes) {
      tooLarge();
      return "";
    }
    chunks.push(value);
  }
}
