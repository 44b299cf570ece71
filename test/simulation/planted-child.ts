/**
 * Runs seeds with one planted bug, in a process of its own: `bun test/simulation/planted-child.ts TITLE FROM TO`. Prints
 * the first seed that breaks the bug's law, and how; nothing when none does. Without a title: with no bug, as it is.
 */
import { type BunPlugin, plugin } from "bun";
import { join } from "node:path";
import { plantedBugs } from "./planted.ts";

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

const run: (seed: number) => { readonly breaches: readonly string[] } =
  bug.by === "trial" ? (await import("./trial.ts")).trial : (await import("./day.ts")).day;
for (let seed = Number(from); seed <= Number(to); seed += 1) {
  const breach = run(seed).breaches.find((line) => line.startsWith(`${bug.code}:`));
  if (breach === undefined) continue;
  console.log(JSON.stringify({ seed, breach }));
  break;
}
