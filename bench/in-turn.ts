/**
 * A scenario with each of several programs in turn, and the medians of what was measured: nothing is kept.
 * usage: bun bench/in-turn.ts --only SCENARIO [--rounds N] [--nodes N] PROGRAM PROGRAM...
 * A run that fails is told of and left out. The static program beside the one it was made of: bun bench/in-turn.ts --only quiet --rounds 10 dist/tidekeeper.dynamic dist/tidekeeper
 */
import { parseArgs } from "node:util";
import type { Result } from "./scenario.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, rounds: { type: "string", default: "10" }, nodes: { type: "string" } },
});
if (values.only === undefined || positionals.length < 2) {
  console.error("usage: bun bench/in-turn.ts --only SCENARIO [--rounds N] [--nodes N] PROGRAM PROGRAM...");
  process.exit(2);
}
const script = new URL("../scripts/bench.sh", import.meta.url).pathname;

/** By what was measured, then by program. */
const found = new Map<string, Map<string, number[]>>();
for (let index = 0; index < Number(values.rounds); index++) {
  for (const program of positionals) {
    console.error(`in turn: round ${index + 1}: ${program}`);
    for (const [what, got] of measured(program, values.only)) {
      const row = found.get(what) ?? new Map<string, number[]>();
      found.set(what, row.set(program, [...(row.get(program) ?? []), got]));
    }
  }
}
console.log(`| ${["median", ...positionals].join(" | ")} |\n|${" --- |".repeat(positionals.length + 1)}`);
for (const [what, row] of found)
  console.log(`| ${[what, ...positionals.map((program) => median(row.get(program) ?? []))].join(" | ")} |`);

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[(values.length - 1) >> 1] ?? Number.NaN;
}

function measured(program: string, scenario: string): readonly (readonly [string, number])[] {
  const nodes = values.nodes === undefined ? [] : ["--nodes", values.nodes];
  const command = ["bash", script, "--only", scenario, "--program", program, ...nodes];
  const { exitCode, stdout } = Bun.spawnSync(command, { stderr: "inherit" });
  // The result stands in the last line.
  const last = stdout.toString().trim().split("\n").at(-1) ?? "";
  if (exitCode !== 0 || !last.startsWith("{")) {
    console.error(`in turn: ${program}: left out: got exit code ${exitCode}`);
    return [];
  }
  const result: Result = JSON.parse(last);
  return result.checks.map(({ what, got, unit }) => [`${what}, ${unit}`, got]);
}
