/** Bugs put back into the code are found by the simulation. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Found, plantedBugs } from "./planted.ts";

const root = join(import.meta.dir, "../..");
/** A bug may make a run endless. One that ends takes seconds, and a minute where the machine is busy. */
const CHILD_MS = 240_000;
const TEST_MS = 300_000;

describe.each(plantedBugs)("planted bug: $title", ({ title, edits, code, found }) => {
  test("what it replaces is there, once", async () => {
    for (const { file, from } of edits) {
      const text = await Bun.file(join(root, file)).text();
      expect([file, from, text.split(from).length - 1]).toEqual([file, from, 1]);
    }
  });

  test(
    `${told(found)}: found, by ${code}`,
    async () => {
      const command = [process.execPath, "test/simulation/planted-child.ts", title];
      const child = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "inherit", timeout: CHILD_MS });
      const said = await new Response(child.stdout).text();
      const told = found.by === "swarm" ? `"breach":"${code}` : `"breach":"${code}:`;
      expect([await child.exited, said]).toEqual([0, expect.stringContaining(told)]);
    },
    TEST_MS,
  );
});

function told(found: Found): string {
  switch (found.by) {
    case "awaits":
      return `${found.work}, and at some await ${found.change}`;
    case "silences":
      return `the watch of ${found.kind} is silent`;
    case "swarm":
    case "trial":
    case "day":
      return `${found.by} ${found.seed}`;
  }
}
