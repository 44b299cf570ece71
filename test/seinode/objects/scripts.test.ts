/** The shell scripts inside containers, run by a shell. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HALT_SCRIPT, INIT_SCRIPT, WAIT_SCRIPT } from "../../../src/seinode/objects/scripts.ts";

describe("the wait for the gate", () => {
  test("stands before a shut gate and becomes the command once it opens", async () => {
    const answers = [503, 503, 200];
    let asked = 0;
    using sidecar = Bun.serve({
      hostname: "localhost",
      port: 0,
      fetch: (request) => {
        const status = answers[asked] ?? 200;
        asked += 1;
        return new Response(null, { status: new URL(request.url).pathname === "/v0/healthz" ? status : 404 });
      },
    });
    // `sleep` as a function: the test does not wait between tries.
    const script = `sleep() { :; }\n${WAIT_SCRIPT}`;
    const args = ["wait-for-sidecar", String(sidecar.port), "printf", "%s|", "a b", "$HOME; exit 1", ""];
    const seid = Bun.spawn(["/bin/bash", "-c", script, ...args], { stdout: "pipe", stderr: "pipe" });
    const told = await new Response(seid.stdout).text();
    expect(await seid.exited).toBe(0);
    expect(told.split("\n").at(-1)).toBe("a b|$HOME; exit 1||");
    expect(asked).toBe(3);
    expect(await new Response(seid.stderr).text()).toBe("");
  });

  test("goes on asking while nobody listens", async () => {
    const script = `tries=0\nsleep() { tries=$((tries + 1)); [ "$tries" -lt 3 ] || exit 42; }\n${WAIT_SCRIPT}`;
    const seid = Bun.spawn(["/bin/bash", "-c", script, "wait-for-sidecar", "1", "false"], { stdout: "ignore" });
    expect(await seid.exited).toBe(42);
  });
});

describe("the layout of a home", () => {
  const root = mkdtempSync(join(tmpdir(), "seid-init-"));
  afterAll(() => rmSync(root, { recursive: true }));
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "seid"), `#!/bin/sh\nprintf '%s\\n' "$@" > "${root}/called"\n`, { mode: 0o755 });

  async function init(home: string, chain: string): Promise<number> {
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    return Bun.spawn(["/bin/sh", "-c", INIT_SCRIPT, "seid-init", chain, home], { env, stdout: "ignore" }).exited;
  }

  test("is made once, with the chain as one argument and never as shell", async () => {
    const home = join(root, "empty");
    expect(await init(home, "$(touch pwned); x")).toBe(0);
    const called = readFileSync(join(root, "called"), "utf8").trimEnd().split("\n");
    expect(called).toEqual([
      "init",
      "$(touch pwned); x",
      "--chain-id",
      "$(touch pwned); x",
      "--home",
      home,
      "--overwrite",
    ]);
  });

  test("is left alone where there is a genesis", async () => {
    const home = join(root, "full");
    mkdirSync(join(home, "config"), { recursive: true });
    writeFileSync(join(home, "config", "genesis.json"), "{}");
    writeFileSync(join(root, "called"), "not called");
    expect(await init(home, "pacific-1")).toBe(0);
    expect(readFileSync(join(root, "called"), "utf8")).toBe("not called");
  });
});

describe("the end of a bootstrap", () => {
  const halt = (script: string, ...command: string[]) =>
    Bun.spawn(["/bin/bash", "-c", script, "halt-at-height", ...command], { stdout: "ignore", stderr: "ignore" });
  const run = (...command: string[]) => halt(HALT_SCRIPT, ...command);

  test.each([
    ["an end by SIGINT is the halt at the height", "kill -INT $$; sleep 9", 0],
    ["seid's own exit code for it too", "exit 130", 0],
    ["a plain end is one", "exit 0", 0],
    ["any other code is a failure", "exit 2", 2],
    ["so is a kill", "kill -KILL $$; sleep 9", 137],
  ])("%s", async (_title, script, code) => {
    expect(await run("bash", "-c", script).exited).toBe(code);
  });

  test("a stop from outside reaches seid, which ends in its own time, and is no success", async () => {
    const folder = mkdtempSync(join(tmpdir(), "halt-"));
    const [told, waits] = [join(folder, "told"), join(folder, "waits")];
    const seid = `trap 'echo stopped > ${told}; exit 3' TERM; echo up > ${told}; while :; do sleep 0.05; done`;
    // Only when it waits does the shell pass signals on.
    const script = `wait() { : > ${waits}; builtin wait "$@"; }\n${HALT_SCRIPT}`;
    const shell = halt(script, "bash", "-c", seid);
    for (const file of [told, waits]) while (!(await Bun.file(file).exists())) await Bun.sleep(10);
    shell.kill("SIGTERM");
    expect(await shell.exited).not.toBe(0);
    expect(readFileSync(told, "utf8")).toBe("stopped\n");
  });
});
