/** A root directory with the binary and the files it links to, and nothing else: no shell, no /tmp, no HOME. */
import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The compiled artefact; `bun run compile` makes it. */
export const BINARY = join(import.meta.dir, "../../dist/tidekeeper");

/** Why these tests cannot run here; null when they can. */
export const cannotRun: string | null =
  process.platform !== "linux" || process.arch !== "x64"
    ? "needs Linux on x64"
    : process.getuid?.() !== 0
      ? "needs root, for namespaces"
      : canUnshare()
        ? null
        : "needs unshare --mount --pid";

function canUnshare(): boolean {
  return Bun.spawnSync(["unshare", "--mount", "--pid", "--fork", "true"]).exitCode === 0;
}

const LIBRARIES = [
  "/lib64/ld-linux-x86-64.so.2",
  ...["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0"].map((name) => `/lib/x86_64-linux-gnu/${name}`),
];
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** A root to start programs in. `files` are put into it: target path to source path, or to text. */
export interface SmallRoot {
  readonly path: string;
  /** Starts a program of it as PID 1, uid 65532, on a read-only root. */
  start(argv: readonly string[], options?: StartOptions): Bun.Subprocess<"ignore", "pipe", "pipe">;
  remove(): Promise<void>;
}

/** The whole environment of what is started; its working directory is the root. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Builds one. */
export async function smallRoot(
  files: Readonly<Record<string, { from: string } | { text: string }>>,
): Promise<SmallRoot> {
  const path = await mkdtemp(join(tmpdir(), "tidekeeper-root-"));
  await chmod(path, 0o755);
  await mkdir(join(path, "proc"));
  for (const library of [...LIBRARIES, CERTIFICATES]) {
    if (library !== CERTIFICATES || (await Bun.file(CERTIFICATES).exists()))
      await put(path, library, { from: library });
  }
  for (const [target, source] of Object.entries(files)) await put(path, target, source);
  return {
    path,
    start: (argv, options = {}) => start(path, argv, options),
    remove: () => rm(path, { recursive: true, force: true }),
  };
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
    'mount -t proc proc "$0/proc"',
    // exec all the way: what runs in the end is PID 1.
    'exec /usr/bin/env -i "$@"',
  ].join(" && ");
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const inRoot = ["/usr/sbin/chroot", "--userspec=65532:65532", root, ...argv];
  return Bun.spawn(
    ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", setUp, root, ...env, ...inRoot],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
}
