/**
 * What of the core no seed of the simulation reaches: reasons that are never told, and lines that never run.
 *
 *   bun run simulated-coverage --seeds 30
 *
 * Bun counts lines and functions, not branches: an arm of a `?:` in a line that runs counts as reached.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "30" }, room: { type: "string", default: "src/core/" } },
});
const folder = mkdtempSync(join(tmpdir(), "coverage-"));
const run = Bun.spawnSync(
  [
    process.execPath,
    "test",
    "--timeout",
    "3600000",
    "--coverage",
    "--coverage-reporter=lcov",
    `--coverage-dir=${folder}`,
    "./test/simulation/reach.test.ts",
  ],
  { env: { ...process.env, REACH: values.seeds }, stdout: "pipe", stderr: "inherit" },
);
for (const line of run.stdout.toString().split("\n")) if (line.startsWith("reasons of")) console.log(line);
const [files, all] = [read(readFileSync(join(folder, "lcov.info"), "utf8")), { found: 0, hit: 0 }];
rmSync(folder, { recursive: true });
for (const { name, lines } of files.filter((file) => file.name.startsWith(values.room))) {
  const missed = lines.filter(({ hits }) => hits === 0).map(({ line }) => line);
  all.found += lines.length;
  all.hit += lines.length - missed.length;
  if (missed.length > 0) console.log(`${name}: not reached: ${ranges(missed)}`);
}
console.log(
  `${values.room}: ${all.hit} of ${all.found} lines reached by ${values.seeds} seeds (${((100 * all.hit) / Math.max(1, all.found)).toFixed(1)} %)`,
);
process.exit(run.exitCode === 0 ? 0 : 1);

interface Covered {
  readonly name: string;
  readonly lines: readonly { readonly line: number; readonly hits: number }[];
}

function read(lcov: string): readonly Covered[] {
  return lcov.split("end_of_record").flatMap((record) => {
    const name = /^SF:(.*)$/m.exec(record)?.[1];
    const lines = Array.from(record.matchAll(/^DA:(\d+),(\d+)/gm), ([, line, hits]) => ({
      line: Number(line),
      hits: Number(hits),
    }));
    return name === undefined ? [] : [{ name, lines }];
  });
}

/** `3-5, 9` */
function ranges(lines: readonly number[]): string {
  const told: string[] = [];
  for (let at = 0; at < lines.length;) {
    const first = lines[at] ?? 0;
    let last = first;
    for (at += 1; lines[at] === last + 1; at += 1) last += 1;
    told.push(first === last ? String(first) : `${first}-${last}`);
  }
  return told.join(", ");
}
