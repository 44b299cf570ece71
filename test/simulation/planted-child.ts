/**
 * Runs seeds with one planted bug, in a process of its own: `bun test/simulation/planted-child.ts TITLE FROM TO`. Prints
 * the first seed that breaks the bug's law, and how; nothing when none does. UNPLANTED=1 leaves the bug out.
 */
import { type BunPlugin, plugin } from "bun";
import { join } from "node:path";
import { type PlantedBug, plantedBugs } from "./planted.ts";

const [title = "", from = "1", to = from] = process.argv.slice(2);
const bug = plantedBugs.find((one) => one.title === title);
if (bug === undefined) throw new Error(`no such bug: ${title}`);

const root = join(import.meta.dir, "../..");
const planting: BunPlugin = {
  name: "planted bug",
  setup(build) {
    for (const { file, from: snippet, to: faulty } of process.env["UNPLANTED"] === "1" ? [] : bug.edits) {
      const filter = new RegExp(`${join(root, file).replaceAll(/[.\\/]/g, String.raw`\$&`)}$`);
      build.onLoad({ filter }, async ({ path }) => ({
        contents: (await Bun.file(path).text()).replace(snippet, () => faulty),
        loader: "ts",
      }));
    }
  },
};
await plugin(planting);

const run = await runnerOf(bug.by);
for (let seed = Number(from); seed <= Number(to); seed += 1) {
  const breach = run(seed).find((line) => line.startsWith(`${bug.code}:`));
  if (breach === undefined) continue;
  console.log(JSON.stringify({ seed, breach }));
  break;
}

/** Loaded after the planting, so that what it imports has the bug. */
async function runnerOf(by: PlantedBug["by"]): Promise<(seed: number) => readonly string[]> {
  switch (by) {
    case "trial": {
      const { trial } = await import("./trial.ts");
      return (seed) => trial(seed).breaches;
    }
    case "day": {
      const { day } = await import("./day.ts");
      return (seed) => day(seed).breaches;
    }
    case "awaits": {
      const { awaitCases, runAwait } = await import("./awaits.ts");
      const cases = awaitCases();
      return (seed) => {
        const one = cases[(seed - 1) % cases.length];
        return one === undefined ? [] : runAwait(one.work, one).breaches;
      };
    }
  }
}
