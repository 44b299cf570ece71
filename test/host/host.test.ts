/** The process's output: in order, also where nobody reads it. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const HOST = join(import.meta.dir, "../../src/host/host.ts");

/** Runs a few lines with the real host, in a process of their own, and returns what they wrote to stdout. */
async function written(lines: string): Promise<string> {
  const program = `import { host } from ${JSON.stringify(HOST)};\n${lines}\nhost.exit(0);`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return text;
}

test("writes that nobody waits for come out in their order", async () => {
  const text = await written(`
    for (let i = 0; i < 5000; i++) void host.write("stdout", i + "\\n");
    await host.write("stdout", "end\\n");
  `);
  expect(text).toBe(`${Array.from({ length: 5_000 }, (_, index) => `${index}\n`).join("")}end\n`);
});

test("an empty write does not hold up the next", async () => {
  const text = await written(`
    await host.write("stdout", "");
    await host.write("stdout", "a");
    await host.write("stdout", "b");
  `);
  expect(text).toBe("ab");
});

test.each([
  ["an awaited write", 'await host.write("stdout", "text");'],
  ["a write that nobody waits for", 'void host.write("stdout", "text"); await Bun.sleep(2000);'],
  ["a write in pieces", 'for (let i = 0; i < 99; i++) await host.write("stdout", "x".repeat(9999));'],
])("on a full disk %s ends the process with 1 and a plain line", async (_title, lines) => {
  expect(await ended(lines, "/dev/full", "")).toEqual([
    1,
    "tidekeeper: write stdout: got no space left on the device, want all of it written\n",
  ]);
});

test("a log that cannot be written ends nothing, nor does a reader that went away", async () => {
  const logged = 'await host.write("stderr", "lost"); await host.write("stdout", "told");';
  expect(await ended(logged, "/dev/null", "2>/dev/full")).toEqual([0, ""]);
  expect(await ended('await host.write("stdout", "x".repeat(1e6));', null, "| true")).toEqual([0, ""]);
});

/** Exit code and error output of a few lines with the real host, under a shell that redirects. */
async function ended(lines: string, stdout: string | null, redirection: string): Promise<readonly [number, string]> {
  const path = JSON.stringify(HOST);
  const guards = '{ onStop: () => {}, onCrash: () => "defect" }';
  const program = `import { guardProcess, host } from ${path}; guardProcess(${guards}); ${lines} host.exit(0);`;
  const script = `"$0" -e "$1" ${stdout === null ? "" : `>${stdout}`} ${redirection}`;
  const child = Bun.spawn(["sh", "-c", script, process.execPath, program], { stdin: "ignore", stderr: "pipe" });
  const text = await new Response(child.stderr).text();
  return [await child.exited, text];
}
