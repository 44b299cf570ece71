/** The compiled artefact, in a root with nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, cannotRun, compiled, smallRoot } from "./small-root.ts";
import type { SmallRoot, StartOptions } from "./small-root.ts";

/** Code that must not run, wherever it is found. */
const HOSTILE = {
  "/.env": { text: "TIDEKEEPER_MODE=hijacked\nTIDEKEEPER_OUTPUT=json\n" },
  "/bunfig.toml": { text: 'preload = ["./hijack.ts"]\n' },
  "/hijack.ts": { text: 'console.log("hijacked");\nprocess.exit(66);\n' },
  "/package.json": { text: "{ not json" },
  "/tsconfig.json": { text: "{ not json" },
};

const PLUGINS = {
  "/plugins/reopen-gate.ts": { from: join(import.meta.dir, "../../examples/reopen-gate.ts") },
  "/broken/syntax.ts": { text: "export default {\n  name: 'x',\n  detect(\n" },
  "/broken/unresolved.ts": { text: 'import pad from "left-pad";\nexport default { name: pad, detect: () => null };\n' },
};

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(child: Bun.Subprocess<"ignore", "pipe", "pipe">): Promise<Ended> {
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

describe.skipIf(cannotRun !== null)(
  `the binary in a root of its own${cannotRun === null ? "" : ` (${cannotRun})`}`,
  () => {
    let root: SmallRoot;
    let built: string;

    beforeAll(async () => {
      built = await mkdtemp(join(tmpdir(), "tidekeeper-built-"));
      root = await smallRoot({
        "/tidekeeper": { from: BINARY },
        "/kubectl-tidekeeper": { from: BINARY },
        "/kubectl_complete-tidekeeper": { from: BINARY },
        "/wait": { from: compiled("programs/wait.ts", built).fixed },
        "/load": { from: compiled("programs/load.ts", built).fixed },
        ...HOSTILE,
        ...PLUGINS,
      });
    }, 60_000);

    afterAll(async () => {
      await root.remove();
      await rm(built, { recursive: true, force: true });
    });

    const run = (argv: readonly string[], options?: StartOptions): Promise<Ended> => ended(root.start(argv, options));

    test("says its version, and what lies in the working directory changes nothing", async () => {
      const { code, stdout, stderr } = await run(["/tidekeeper", "version"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^tidekeeper \d+\.\d+\.\d+ \(commit [0-9a-f]{12}(-dirty)?, bun 1\.4\.5 linux x64\)\n$/);
    });

    test("is kubectl's plugin, and answers its completion, by the name of the file", async () => {
      const help = await run(["/kubectl-tidekeeper", "help", "drift"]);
      expect(help.stdout).toContain("Usage: kubectl tidekeeper drift [NODE...] [flags]\n");
      const completion = await run(["/kubectl_complete-tidekeeper", "completion", "f"]);
      expect(completion).toEqual({ code: 0, stdout: "fish\n:4\n", stderr: "" });
    });

    test("needs no /proc: says its version, and `demo` comes to its end", async () => {
      const version = await run(["/tidekeeper", "version"], { hasProc: false });
      expect({ ...version, stdout: version.stdout.slice(0, 11) }).toEqual({
        code: 0,
        stdout: "tidekeeper ",
        stderr: "",
      });
      const { code, stdout } = await run(["/tidekeeper", "demo"], { hasProc: false });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^4 steps in [\d.]+ s\. mark-ready was posted 6 times, never by hand\.$/m);
    }, 60_000);

    test("loads the code of its command alone: the least of twenty starts takes five times the CPU of an empty program at most", async () => {
      const cpuOf = async (command: string[]): Promise<number> => {
        const child = Bun.spawn(command, { stdout: "ignore" });
        await child.exited;
        return Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1_000;
      };
      const [ours, empty]: [number[], number[]] = [[], []];
      for (let round = 0; round < 20; round++) {
        ours.push(await cpuOf([BINARY, "version"]));
        empty.push(await cpuOf([process.execPath, "-e", "0"]));
      }
      // It takes twice to three times as much; with the code of all commands at once it took seven times.
      expect(Math.min(...ours) / Math.min(...empty)).toBeLessThan(5);
    });

    test("reads its environment, not the file .env", async () => {
      const { code, stdout } = await run(["/tidekeeper", "version"], { env: { TIDEKEEPER_OUTPUT: "json" } });
      expect(code).toBe(0);
      expect(Object.keys(JSON.parse(stdout))).toEqual(["version", "commit", "platform"]);
    });

    test("help comes whole through a pipe", async () => {
      const { code, stdout } = await run(["/tidekeeper", "help", "run"]);
      expect(code).toBe(0);
      expect(stdout).toEndWith("TIDEKEEPER_LOG_FORMAT\n");
    });

    test("manifests come whole through a pipe", async () => {
      const { code, stdout } = await run(["/tidekeeper", "manifests"]);
      expect(code).toBe(0);
      expect(stdout).toContain("kind: CustomResourceDefinition");
      expect(stdout).toContain("readOnlyRootFilesystem: true");
    });

    test("wrong use ends with 2 and a line on stderr", async () => {
      const { code, stdout, stderr } = await run(["/tidekeeper", "run", "--mode", "x"]);
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: "",
        stderr: 'tidekeeper: --mode: got "x", want act, observe\n',
      });
    });

    test.each(["SIGTERM", "SIGINT"] as const)(
      "PID 1 ends with 0 on %s",
      async (signal) => {
        const child = root.start(["/wait"]);
        let stdout = "";
        for await (const chunk of child.stdout) {
          stdout += new TextDecoder().decode(chunk);
          if (stdout === "pid 1\n") process.kill(await firstChildOf(child.pid), signal);
        }
        expect({ code: await child.exited, stdout }).toEqual({ code: 0, stdout: `pid 1\nstopped by ${signal}\n` });
      },
      20_000,
    );

    test("an error nobody caught is one line and exit code 70", async () => {
      const { code, stderr } = await run(["/wait", "crash"]);
      expect({ code, stderr }).toEqual({ code: 70, stderr: "defect: Error: nobody caught it\n" });
    });

    test("a plugin loads without node_modules, the SDK being part of the binary", async () => {
      expect(await run(["/load", "plugins"])).toEqual({ code: 0, stdout: '["reopen-gate"]\n', stderr: "" });
    });

    test("broken plugins are called by file, line and import", async () => {
      const { code, stdout } = await run(["/load", "/broken"]);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toEqual([
        expect.stringMatching(/^plugin \/broken\/syntax\.ts: line 3: /),
        expect.stringMatching(
          /^plugin \/broken\/unresolved\.ts: \/broken\/unresolved\.ts: got an import of "left-pad"/,
        ),
      ]);
    });
  },
);

/** `unshare --fork` waits for one child: the program, which is PID 1 to itself. */
async function firstChildOf(pid: number): Promise<number> {
  const children = await Bun.file(`/proc/${pid}/task/${pid}/children`).text();
  return Number(children.trim().split(" ")[0]);
}
