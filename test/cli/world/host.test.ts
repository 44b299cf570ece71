import { expect, test } from "bun:test";
import { join } from "node:path";

const HOST = join(import.meta.dir, "../../../src/cli/world/host.ts");

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
