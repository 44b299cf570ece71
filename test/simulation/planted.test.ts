import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { plantedBugs } from "./planted.ts";

const root = join(import.meta.dir, "../..");

describe.each(plantedBugs)("planted bug: $title", ({ title, edits, code, seed }) => {
  test("what it replaces is there, once", async () => {
    for (const { file, from } of edits) {
      const text = await Bun.file(join(root, file)).text();
      expect([file, from, text.split(from).length - 1]).toEqual([file, from, 1]);
    }
  });

  test(`seed ${seed} finds it, by ${code}`, async () => {
    const command = [process.execPath, "test/simulation/planted-child.ts", title, String(seed)];
    const child = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "inherit" });
    const said = await new Response(child.stdout).text();
    expect([await child.exited, said]).toEqual([0, expect.stringContaining(`"breach":"${code}:`)]);
  });
});
