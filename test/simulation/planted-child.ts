/**
 * Runs what finds one planted bug, in a process of its own: `bun test/simulation/planted-child.ts TITLE`. Prints where the
 * bug's law is broken first, and how; nothing when it is not. UNPLANTED=1 leaves the bug out. SEEDS=n tries so many seeds
 * from the bug's own, or FROM=n, on, for when whatever changes the draws has moved it.
 */
import { type BunPlugin, plugin } from "bun";
import { join } from "node:path";
import { type Found, plantedBugs } from "./planted.ts";

const [title = ""] = process.argv.slice(2);
const bug = plantedBugs.find((one) => one.title === title);
if (bug === undefined) throw new Error(`no such bug: ${title}`);

const root = join(import.meta.dir, "../..");
const edits = process.env["UNPLANTED"] === "1" ? [] : bug.edits;
const planting: BunPlugin = {
  name: "planted bug",
  setup(build) {
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const filter = new RegExp(`${join(root, file).replaceAll(/[.\\/]/g, String.raw`\$&`)}$`);
      build.onLoad({ filter }, async ({ path }) => ({
        contents: edits
          .filter((edit) => edit.file === file)
          .reduce((text, { from, to }) => text.replace(from, () => to), await Bun.file(path).text()),
        loader: "ts",
      }));
    }
  },
};
await plugin(planting);

for await (const [where, breaches] of runsOf(bug.found)) {
  const breach = breaches.find((line) => isOf(line, bug.found.by === "swarm"));
  if (breach === undefined) continue;
  console.log(JSON.stringify({ where, breach }));
  break;
}

/** The code of a swarm's breach may be a class of its own: `L` is any of them. */
function isOf(line: string, isSwarm: boolean): boolean {
  return line.startsWith(isSwarm ? (bug?.code ?? "") : `${bug?.code}:`);
}

type Run = readonly [where: string, breaches: readonly string[]];

/** Loaded after the planting, so that what it imports has the bug. */
async function* runsOf(found: Found): AsyncGenerator<Run> {
  switch (found.by) {
    case "trial": {
      const { trial } = await import("./trial.ts");
      for (const seed of seedsFrom(found.seed)) yield [`seed ${seed}`, trial(seed).breaches];
      return;
    }
    case "day": {
      const { day } = await import("./day.ts");
      for (const seed of seedsFrom(found.seed)) yield [`day ${seed}`, day(seed).breaches];
      return;
    }
    case "awaits": {
      const { awaitCases, runAwait } = await import("./awaits.ts");
      for (const one of awaitCases([found.work], [found.change])) {
        yield [`await ${one.at}, told after ${one.toldAfterMs} ms`, runAwait(one.work, one).breaches];
      }
      return;
    }
    case "swarm": {
      const { drawn, runSeed } = await import("./swarm/seed.ts");
      for (const seed of seedsFrom(found.seed)) yield [`seed ${seed}`, runSeed(drawn(seed)).breaches];
      return;
    }
    case "silences": {
      const { runSilence } = await import("./silences.ts");
      yield [`the watch of ${found.kind}`, runSilence(found.kind).breaches];
    }
  }
}

function seedsFrom(first: number): readonly number[] {
  const from = Number(process.env["FROM"] ?? String(first));
  return Array.from({ length: Number(process.env["SEEDS"] ?? "1") }, (_, index) => from + index);
}
