/** Programs run to their end or to their limits, and get no environment but what is given. */
import { expect, test } from "bun:test";
import { runProgram } from "../../src/host/run-program.ts";

const SH = { command: "sh", env: { PATH: "/usr/bin:/bin" }, deadlineMs: 5000, maxBytes: 64 };

test("a program's code and both its outputs come back", async () => {
  expect(await runProgram({ ...SH, args: ["-c", "echo out; echo err >&2; exit 3"] })).toEqual({
    kind: "exited",
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("arguments are not read by a shell, and the environment is what was given", async () => {
  const program = { ...SH, command: "printf", args: ["%s", "$(id) ; `id`"] };
  expect(await runProgram(program)).toMatchObject({ stdout: "$(id) ; `id`" });
  process.env["TIDEKEEPER_TEST_SECRET"] = "s3cret";
  try {
    const outcome = await runProgram({
      ...SH,
      args: ["-c", "echo [$TIDEKEEPER_TEST_SECRET$GIVEN]"],
      env: { ...SH.env, GIVEN: "yes" },
    });
    expect(outcome).toMatchObject({ stdout: "[yes]\n" });
  } finally {
    delete process.env["TIDEKEEPER_TEST_SECRET"];
  }
});

test.each<[string, string, object, string]>([
  ["one that does not end is killed", "exec sleep 60", { deadlineMs: 100 }, "DEADLINE"],
  ["one whose child keeps the output open is not waited for", "sleep 3 & exit 0", { deadlineMs: 100 }, "DEADLINE"],
  ["one that says too much is killed", "while :; do echo aaaaaaaaaaaaaaaa; done", {}, "TOO_LARGE"],
])("%s", async (_title, script, limits, code) => {
  expect(await runProgram({ ...SH, args: ["-c", script], ...limits })).toMatchObject({ kind: "failed", code });
});

test.each<[string, string, object]>([
  ["ends", "exit 0", {}],
  ["is stopped", "exec sleep 60", { deadlineMs: 1000 }],
])("of error output that is long the last is kept, also where the program %s", async (_title, ending, limits) => {
  const script = `i=0; while [ $i -lt 9000 ]; do echo aaaaaaaaaaaaaaaa >&2; i=$((i+1)); done; echo last >&2; ${ending}`;
  const outcome = await runProgram({ ...SH, args: ["-c", script], ...limits });
  expect(outcome.stderr).toEndWith("aaaaaaaaaaaaaaaa\nlast\n");
  expect(outcome.stderr.length).toBe(64 * 1024);
});

test("what a program leaves running with its error output open is not waited for", async () => {
  const outcome = await runProgram({ ...SH, args: ["-c", "sleep 60 >/dev/null & echo out"] });
  expect(outcome).toMatchObject({ kind: "exited", stdout: "out\n" });
});

test("a program may be looked for elsewhere than where it looks itself", async () => {
  const program = { ...SH, args: ["-c", "echo $PATH"], env: { PATH: "/nowhere" }, searchPath: SH.env.PATH };
  expect(await runProgram(program)).toMatchObject({ kind: "exited", stdout: "/nowhere\n" });
});

test("a program that is not there, or not in PATH, is not started", async () => {
  const missing = { kind: "failed", code: "NOT_STARTED" };
  expect(await runProgram({ ...SH, command: "tidekeeper-no-such-program", args: [] })).toMatchObject(missing);
  expect(await runProgram({ ...SH, args: [], env: { PATH: "/nowhere" } })).toMatchObject(missing);
});

test("a signal ends it", async () => {
  const abort = new AbortController();
  const running = runProgram({ ...SH, args: ["-c", "exec sleep 60"], signal: abort.signal });
  abort.abort();
  expect(await running).toMatchObject({ kind: "failed", code: "ABORTED" });
  expect(await runProgram({ ...SH, args: [], signal: abort.signal })).toMatchObject({ code: "ABORTED" });
});
