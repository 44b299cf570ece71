/**
 * `bun run bench [--nodes N] [--replacements N] [--gates N] [--rounds N] [--only pod-replaced|gates-shut]`: measures,
 * prints, and keeps the newest figures of each scenario in bench/results/latest.json and docs/performance.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { cluster } from "../test/cluster/harness/cluster.ts";
import type { Program } from "./contenders.ts";
import { machine } from "./machine.ts";
import { figures, performancePage } from "./page.ts";
import type { Results, Run } from "./results.ts";
import { gatesShut } from "./scenarios/gates-shut.ts";
import { podReplaced } from "./scenarios/pod-replaced.ts";

const root = new URL("..", import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "10" },
    replacements: { type: "string", default: "50" },
    gates: { type: "string", default: "200" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
  },
});
const loadBefore = Math.round((loadavg()[0] ?? 0) * 100) / 100;
const program = programToMeasure();
console.error(`bench: measuring ${program.name}`);
const place = cluster();
const run: Run = {
  at: new Date().toISOString(),
  commit: git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : "-dirty"),
  command: ["bun run bench", ...process.argv.slice(2)].join(" "),
  program: program.name,
  machine: machine(),
  loadBefore,
};
if (values.only !== "gates-shut") {
  const options = { program, nodes: Number(values.nodes), replacements: Number(values.replacements) };
  keep({ podReplaced: { ...(await podReplaced(place, options)), run } });
}
if (values.only !== "pod-replaced") {
  const options = { program, nodes: Number(values.gates), rounds: Number(values.rounds) };
  keep({ gatesShut: { ...(await gatesShut(place, options)), run } });
}
process.exit(0);

/** Prints and keeps what was measured, each scenario as soon as it is over: one that fails takes no other with it. */
function keep(measured: Partial<Results>): void {
  const none: Results = { podReplaced: null, gatesShut: null };
  console.log([...figures({ ...none, ...measured }), "", JSON.stringify(measured)].join("\n"));
  const path = `${root}bench/results/latest.json`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed edge: this function wrote it
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : none;
  const results = { ...before, ...measured };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(`${root}docs/performance.md`, performancePage(results));
}

/** The compiled binary where it is made of these sources. */
function programToMeasure(): Program {
  const binary = `${root}dist/tidekeeper`;
  const sources = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" }).map((file) => `${root}src/${file}`);
  const newest = Math.max(...[...sources, `${root}package.json`].map((file) => statSync(file).mtimeMs));
  const isFresh = existsSync(binary) && statSync(binary).mtimeMs > newest;
  return isFresh ? { name: "dist/tidekeeper", argv: [binary] } : { name: "sources", argv: null };
}

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { cwd: root, encoding: "utf8" }).trim();
}
