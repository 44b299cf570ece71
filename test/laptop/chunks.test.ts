/** What a Pod does not load: the typed APIs are a chunk that the commands which only look ask for, and nobody else. */
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../house/sources.ts";

const folder = await mkdtemp(join(tmpdir(), "chunks-"));
afterAll(() => rm(folder, { recursive: true }));

/** The files of a bundle, as `scripts/compile.sh` cuts it, each with those that it loads at once. */
async function chunks(): Promise<ReadonlyMap<string, { readonly text: string; readonly loads: readonly string[] }>> {
  const built = await Bun.build({
    entrypoints: [join(ROOT, "src/cli/main.ts")],
    outdir: folder,
    target: "bun",
    format: "esm",
    splitting: true,
  });
  expect(built.success).toBe(true);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".js"));
  const read = files.map(async (name) => {
    const text = await readFile(join(folder, name), "utf8");
    const loads = [...text.matchAll(/^(?:import|export)[^;"']*(?:from\s*)?["']\.\/([^"']+)["'];?$/gm)].map(
      ([, at = ""]) => at,
    );
    return [name, { text, loads }] as const;
  });
  return new Map(await Promise.all(read));
}

test("only a chunk that is asked for later has the typed APIs, and neither the start nor `run` loads it", async () => {
  const all = await chunks();
  const loadedWith = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
    if (seen.has(name)) return seen;
    seen.add(name);
    for (const next of all.get(name)?.loads ?? []) loadedWith(next, seen);
    return seen;
  };
  const holding = (mark: string): string[] =>
    [...all].filter(([, { text }]) => text.includes(mark)).map(([name]) => name);
  const typed = holding("class CoreV1ApiRequestFactory");
  expect(typed).toHaveLength(1);
  const run = holding("function runController(");
  const laptop = holding("function judgeFleet(");
  expect([run.length, laptop.length]).toEqual([1, 1]);
  for (const start of ["main.js", ...run, ...laptop]) {
    expect([...loadedWith(start)], start).not.toContain(typed[0]);
  }
  for (const start of ["main.js", ...run]) expect([...loadedWith(start)], start).not.toContain(laptop[0]);
});
