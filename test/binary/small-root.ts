/** An empty root directory with the binary in it, and nothing beside it: no library, no shell, no /tmp, no HOME. */
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { loaderOf, readElf } from "../../scripts/static-link/elf.ts";

const ROOT = join(import.meta.dir, "../..");

/** The compiled artefact; `bun run compile` makes it. */
export const BINARY = join(ROOT, "dist/tidekeeper");

/** Why these tests cannot run here; null when they can. */
export const cannotRun: string | null =
  process.platform !== "linux" || process.arch !== "x64"
    ? "needs Linux on x64"
    : process.getuid?.() !== 0
      ? "needs root, for namespaces"
      : !canUnshare()
        ? "needs unshare --mount --pid"
        : Bun.which("gcc") === null
          ? "needs gcc and libc.a: apt-get install gcc libc6-dev"
          : await whyNotStatic();

function canUnshare(): boolean {
  return Bun.spawnSync(["unshare", "--mount", "--pid", "--fork", "true"]).exitCode === 0;
}

async function whyNotStatic(): Promise<string | null> {
  if (!existsSync(BINARY)) return `needs ${BINARY}: npx --yes bun@1.4.5 run compile`;
  const loader = loaderOf(readElf(BINARY, await Bun.file(BINARY).bytes()));
  return loader === ""
    ? null
    : `${BINARY} is dynamic: apt-get install gcc libc6-dev, then npx --yes bun@1.4.5 run compile`;
}

/** A root to start programs in. `files` are put into it: target path to source path, or to text. */
export interface SmallRoot {
  readonly path: string;
  /** Starts a program of it as PID 1, uid 65532, on a read-only root, under a filter of system calls (confined.c). */
  start(argv: readonly string[], options?: StartOptions): Bun.Subprocess<"ignore", "pipe", "pipe">;
  remove(): Promise<void>;
}

/** The whole environment of what is started; its working directory is the root. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** False: no /proc is mounted. */
  readonly hasProc?: boolean;
}

/** Builds one. */
export async function smallRoot(
  files: Readonly<Record<string, { from: string } | { text: string }>>,
): Promise<SmallRoot> {
  const path = await mkdtemp(join(tmpdir(), "tidekeeper-root-"));
  await chmod(path, 0o755);
  await mkdir(join(path, "proc"));
  for (const [target, source] of Object.entries(files)) await put(path, target, source);
  const tools = await mkdtemp(join(tmpdir(), "tidekeeper-tools-"));
  const confined = join(tools, "confined");
  ended(["gcc", "-static", "-Wall", "-o", confined, join(import.meta.dir, "programs/confined.c")]);
  return {
    path,
    start: (argv, options = {}) => start(path, [confined, path, ...argv], options),
    async remove() {
      await rm(path, { recursive: true, force: true });
      await rm(tools, { recursive: true, force: true });
    },
  };
}

/** Compiles a program of test/binary with the flags of scripts/compile.sh; both forms, as compile.sh leaves them. */
export function compiled(source: string, into: string): { readonly dynamic: string; readonly fixed: string } {
  const flags = ["--compile", "--splitting", "--format=esm", "--minify"];
  const autoload = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const fixed = join(into, basename(source, ".ts"));
  const dynamic = `${fixed}.dynamic`;
  ended([process.execPath, "build", ...flags, ...autoload, join(import.meta.dir, source), "--outfile", dynamic]);
  ended([process.execPath, join(ROOT, "scripts/static-link/main.ts"), dynamic, fixed]);
  return { dynamic, fixed };
}

function ended(command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command], { stdout: "ignore", stderr: "pipe" });
  if (exitCode !== 0) throw new Error(`${command[0]}: got exit code ${exitCode}: ${stderr.toString()}`);
}

async function put(root: string, target: string, source: { from: string } | { text: string }): Promise<void> {
  const path = join(root, target);
  await mkdir(dirname(path), { recursive: true });
  if ("text" in source) await Bun.write(path, source.text);
  else await copyFile(source.from, path);
}

function start(root: string, argv: readonly string[], options: StartOptions): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const setUp = [
    'mount --bind "$0" "$0"',
    'mount -o remount,bind,ro "$0"',
    ...(options.hasProc === false ? [] : ['mount -t proc proc "$0/proc"']),
    // exec all the way: what runs in the end is PID 1.
    'exec /usr/bin/env -i "$@"',
  ].join(" && ");
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  return Bun.spawn(
    ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", setUp, root, ...env, ...argv],
    {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
}
