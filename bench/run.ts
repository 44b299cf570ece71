/**
 * `bun run bench [--only NAME] [--nodes N] [--program FILE] [--list]`: runs the scenarios, each in a control plane of its own, prints
 * ratios and promises first, and keeps the newest figures in bench/results/NAME.json and docs/performance.md.
 * With `--nodes` or `--program`, which are for trying, nothing is kept. `--page` writes the page anew from what is kept.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { cluster, clusterFolder } from "../test/cluster/harness/cluster.ts";
import { chart } from "./chart.ts";
import type { Program } from "./contenders.ts";
import { machine } from "./machine.ts";
import { figures, performancePage } from "./page.ts";
import { keptResults, resultPath } from "./results.ts";
import { isKept, type Result, type Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const root = new URL("..", import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    nodes: { type: "string" },
    only: { type: "string" },
    program: { type: "string" },
    list: { type: "boolean", default: false },
    page: { type: "boolean", default: false },
  },
});
const wanted = scenarios.filter(({ name }) => values.only === undefined || name === values.only);
if (wanted.length === 0)
  fail(`--only: got ${values.only}, want one of ${scenarios.map(({ name }) => name).join(", ")}`);
if (values.list) console.log(scenarios.map(({ name }) => name).join("\n"));
else if (values.page) await writePage();
else if (clusterFolder() === null) fail("no cluster: run: npx --yes bun@1.4.5 run bench");
else for (const scenario of wanted) await measure(scenario);
process.exit(0);

async function measure(scenario: Scenario): Promise<void> {
  const from = performance.now();
  const program = programToMeasure();
  const seconds = (): number => Math.round((performance.now() - from) / 100) / 10;
  const loadBefore = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  console.error(`bench: ${scenario.name}: measuring ${program.name}`);
  const outcome = await scenario.run({
    cluster: cluster(),
    program,
    nodes: values.nodes === undefined ? null : Number(values.nodes),
    say: (what) => console.error(`bench: ${scenario.name}: ${seconds()} s: ${what}`),
  });
  const result: Result = {
    scenario: scenario.name,
    ...outcome,
    run: {
      at: new Date().toISOString(),
      commit: git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : "-dirty"),
      command: `bun run bench --only ${scenario.name}`,
      program: program.name,
      machine: machine(),
      loadBefore,
      tookSeconds: Math.round(seconds()),
    },
  };
  console.log([...figures(scenario, result), "", JSON.stringify(result)].join("\n"));
  for (const check of result.checks.filter((one) => isKept(one) === false))
    console.error(
      `bench: ${scenario.name}: NOT KEPT: ${check.what}: got ${check.got} ${check.unit}, want ${check.want}`,
    );
  if (values.nodes !== undefined || values.program !== undefined) return;
  writeFileSync(resultPath(scenario.name), `${JSON.stringify(result, null, 2)}\n`);
  await writePage();
}

async function writePage(): Promise<void> {
  const results = await keptResults();
  writeFileSync(`${root}docs/performance.md`, performancePage(results));
  writeFileSync(`${root}docs/performance.svg`, chart(results));
}

/** The compiled binary where it is made of these sources. */
function programToMeasure(): Program {
  if (values.program !== undefined) return { name: values.program, argv: [values.program] };
  const binary = `${root}dist/tidekeeper`;
  const sources = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" }).map((file) => `${root}src/${file}`);
  const newest = Math.max(...[...sources, `${root}package.json`].map((file) => statSync(file).mtimeMs));
  const isFresh = existsSync(binary) && statSync(binary).mtimeMs > newest;
  return isFresh ? { name: "dist/tidekeeper", argv: [binary] } : { name: "sources", argv: null };
}

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { cwd: root, encoding: "utf8" }).trim();
}

function fail(why: string): never {
  console.error(`bench: ${why}`);
  process.exit(2);
}
