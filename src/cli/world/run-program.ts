import { timerDelay } from "./longest-delay.ts";
import type { ExecOutcome, Program } from "./world.ts";

type Failure = Extract<ExecOutcome, { readonly kind: "failed" }>["code"];

/** Runs a program without a shell, with no more environment than it is given. */
export async function runProgram(program: Program): Promise<ExecOutcome> {
  const { command, args, env, deadlineMs, maxBytes, signal } = program;
  const failed = (code: Failure, got: string): ExecOutcome => ({
    kind: "failed",
    code,
    message: `run ${command}: got ${got}`,
  });
  if (signal?.aborted === true) return failed("ABORTED", "called off, want to run it");
  const path = Bun.which(command, { PATH: env["PATH"] ?? "" });
  if (path === null) return failed("NOT_STARTED", "no such program, want one that can be run. Check PATH");

  const { promise: cut, resolve: end } = Promise.withResolvers<ExecOutcome>();
  const late = setTimeout(
    () => end(failed("DEADLINE", `no end in ${deadlineMs} ms, want one`)),
    timerDelay(deadlineMs),
  );
  const onAbort = (): void => end(failed("ABORTED", "called off, want it to end"));
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const child = Bun.spawn([path, ...args], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const readers = [child.stdout.getReader(), child.stderr.getReader()] as const;
    const tooLarge = (): void => end(failed("TOO_LARGE", `more than ${maxBytes} bytes of output, want at most that`));
    const output = readers.map((reader) => readAll(reader, maxBytes, tooLarge));
    const whole = Promise.all([child.exited, ...output]).then(([code, stdout = "", stderr = ""]): ExecOutcome => ({
      kind: "exited",
      code,
      stdout,
      stderr,
    }));
    const outcome = await Promise.race([whole, cut]);
    if (outcome.kind === "failed") {
      child.kill("SIGKILL");
      // A child of the child may hold the pipes open; nobody waits for it.
      for (const reader of readers) reader.cancel().catch(() => {});
    }
    return outcome;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    return failed("NOT_STARTED", `${code}, want a program that starts`);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function readAll(
  reader: { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> },
  maxBytes: number,
  tooLarge: () => void,
): Promise<string> {
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
