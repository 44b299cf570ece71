/** From arguments to commands, output and exit codes. */
import { expect, test } from "bun:test";
import { dispatch, startedAs } from "../../src/cli/dispatch.ts";
import type { Shell } from "../../src/cli/shell.ts";
import { COMMANDS } from "../../src/config/index.ts";

/** A process that keeps what is written to it. */
function fakeShell(
  argv: readonly string[],
  process: { readonly program?: string; readonly columns?: number } = {},
): {
  readonly shell: Shell;
  readonly written: { stdout: string; stderr: string };
} {
  const written = { stdout: "", stderr: "" };
  const shell: Shell = {
    stopping: new AbortController().signal,
    host: {
      argv,
      env: {},
      program: process.program ?? "tidekeeper",
      platform: "bun 0 test x64",
      isTerminal: { stdin: false, stdout: false, stderr: false },
      columns: process.columns ?? null,
      async write(stream, text) {
        written[stream] += text;
      },
      exit(code) {
        throw new Error(`exit ${code}`);
      },
      giveBackMemory() {},
      collectGarbage() {},
    },
  };
  return { shell, written };
}

test("version goes to stdout", async () => {
  const { shell, written } = fakeShell(["version"]);
  expect(await dispatch(shell)).toBe(0);
  expect(written).toEqual({ stdout: "tidekeeper 0.0.0 (commit source, bun 0 test x64)\n", stderr: "" });
});

test("version as JSON is one object", async () => {
  const { shell, written } = fakeShell(["version", "-o", "json"]);
  expect(await dispatch(shell)).toBe(0);
  expect(JSON.parse(written.stdout)).toEqual({ version: "0.0.0", commit: "source", platform: "bun 0 test x64" });
});

test("problems go to stderr, a line each, and end with 2", async () => {
  const { shell, written } = fakeShell(["run", "--mode", "x", "--concurrency", "0"]);
  expect(await dispatch(shell)).toBe(2);
  expect(written.stdout).toBe("");
  expect(written.stderr.split("\n")).toEqual([
    'tidekeeper: --mode: got "x", want act, observe',
    'tidekeeper: --concurrency: got "0", want a whole number from 1 to 1024',
    "",
  ]);
});

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  "help of %s names every flag with its default",
  async (name, command) => {
    const { shell, written } = fakeShell(["help", name]);
    expect(await dispatch(shell)).toBe(0);
    for (const flag of command.flags) {
      expect(written.stdout).toContain(`--${flag.name}`);
      if (flag.defaultText !== null) expect(written.stdout).toContain(`(default ${flag.defaultText})`);
    }
  },
);

test("help names every command", async () => {
  const { shell, written } = fakeShell(["help"]);
  expect(await dispatch(shell)).toBe(0);
  for (const command of COMMANDS) expect(written.stdout).toContain(`  ${command.name}`);
});

test.each([
  ["tidekeeper", "tidekeeper", false],
  ["bun", "tidekeeper", false],
  ["kubectl-tidekeeper", "kubectl tidekeeper", false],
  ["kubectl_complete-tidekeeper", "kubectl tidekeeper", true],
])("started as %s it is %s", (name, program, isAskedByKubectl) => {
  expect(startedAs(name)).toEqual({ program, isAskedByKubectl });
});

test("as kubectl's plugin its help says so, and its completion is answered", async () => {
  const plugin = fakeShell(["help", "drift"], { program: "kubectl-tidekeeper" });
  expect(await dispatch(plugin.shell)).toBe(0);
  expect(plugin.written.stdout).toContain("Usage: kubectl tidekeeper drift [NODE...] [flags]\n");
  expect(plugin.written.stdout).toContain("  kubectl tidekeeper drift -A\n");
  const completion = fakeShell(["completion", "z"], { program: "kubectl_complete-tidekeeper" });
  expect(await dispatch(completion.shell)).toBe(0);
  expect(completion.written.stdout).toBe("zsh\n:4\n");
});

test.each(COMMANDS.map(({ name }) => name))("help of %s is as wide as the terminal", async (name) => {
  const { shell, written } = fakeShell(["help", name], { columns: 60 });
  expect(await dispatch(shell)).toBe(0);
  // A word that is longer than a line stays whole.
  const wide = written.stdout.split("\n").filter((line) => line.length > 60 && line.trim().includes(" "));
  expect(wide.filter((line) => !/^ *-/.test(line))).toEqual([]);
});

test("help names the detectors where they are asked", async () => {
  const { shell, written } = fakeShell(["help", "drift"]);
  expect(await dispatch(shell)).toBe(0);
  expect(written.stdout).toContain("image, sidecar-image, sidecar-ready, workload");
});
