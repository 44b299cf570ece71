/** Runs a command of the program as somebody on a laptop does, to its end. */
import type { Installation } from "./controller.ts";

/** What it came to. */
export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start of the process to its end. */
  readonly tookMs: number;
}

const PROGRAM = [process.execPath, new URL("../../../src/cli/main.ts", import.meta.url).pathname];

/** Asks; `env` is all that is set besides. */
export async function askLaptop(
  argv: readonly string[],
  {
    installation,
    env = {},
    program = PROGRAM,
  }: {
    readonly installation: Pick<Installation, "kubeconfigPath">;
    readonly env?: Readonly<Record<string, string>>;
    readonly program?: readonly string[];
  },
): Promise<Told> {
  const from = performance.now();
  const child = Bun.spawn([...program, ...argv, `--kubeconfig=${installation.kubeconfigPath}`], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr, tookMs: performance.now() - from };
}
