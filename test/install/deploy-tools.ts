/** The programs that tests of an install need, as scripts/deploy-tools.sh makes them; skipped by name where they are not there. */
import { describe, test } from "bun:test";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const MAKE = "bash scripts/deploy-tools.sh binaries";

const found = Bun.spawnSync(["bash", join(ROOT, "scripts/deploy-tools.sh"), "find"], { stderr: "ignore" });
const folder = found.exitCode === 0 ? found.stdout.toString().trim() : null;

/** One of the programs. */
export type Tool = "actionlint" | "helm" | "kubeconform" | "kubectl" | "prometheus" | "promtool";

/** Path of a program. */
export function tool(name: Tool): string {
  return join(folder ?? "/no-deploy-tools", name);
}

/** What a program said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one in the checkout. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Said> {
  const child = Bun.spawn([...argv], {
    cwd: options.cwd ?? ROOT,
    env: { PATH: `${folder ?? ""}:${process.env["PATH"] ?? ""}`, HOME: process.env["HOME"] ?? "/", ...options.env },
    stdin: options.input === undefined ? "ignore" : new Blob([options.input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, stdout, stderr };
}

/** What a program is given besides its arguments. */
export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Its output; throws with what it said when it failed. */
export async function output(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(" ").slice(0, 300)}: got exit code ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** Tests that need them: skipped by name without, which is a failure where `REQUIRE_TOOLS=1` is set. */
export function describeTools(name: string, body: () => void): void {
  if (folder === null && process.env["REQUIRE_TOOLS"] === "1") {
    test(`${name}: helm, kubeconform, kubectl and Prometheus are required`, () => {
      throw new Error(`deploy tools: got none, want them. Run: ${MAKE}`);
    });
    return;
  }
  describe.skipIf(folder === null)(folder === null ? `${name} (needs tools: ${MAKE})` : name, body);
}
