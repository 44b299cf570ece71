/**
 * `bun run bench [--only NAME] [--history full|empty] [--nodes N] [--program FILE] [--list]`: runs the scenarios, each in a
 * control plane of its own, prints ratios and promises first, and keeps the newest figures in bench/results/NAME.json and
 * docs/performance.md. `--versus FILE [--rounds N]` compares with another program, the two in turn, and keeps that in
 * bench/results/NAME-in-turn.json. With `--nodes`, `--program`, `--history empty` or fewer rounds than ten, which are for
 * trying, nothing is kept. `--page` writes the page anew from what is kept.
 */
import { messageOf } from "../src/base/index.ts";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { cluster, clusterFolder } from "../test/cluster/harness/cluster.ts";
import { chart } from "./chart.ts";
import { compared } from "./compared.ts";
import { machine } from "./machine.ts";
import { areKept, type Options, readOptions } from "./options.ts";
import { figures, performancePage } from "./page.ts";
import { programAt, versionOf } from "./programs.ts";
import { keptResults, resultPath } from "./results.ts";
import { type InTurn, isKept, type Result, type Scenario, type ScenarioInput, type Section } from "./scenario.ts";
import { inTurnSection, scenarios } from "./scenarios/index.ts";
import { takeTurns } from "./turns.ts";

const root = new URL("..", import.meta.url).pathname;
const options = toldOptions();
const able = scenarios.filter(({ inTurn }) => options.versus === null || inTurn !== undefined);
const wanted = able.filter(({ name }) => options.only === null || name === options.only);
if (wanted.length === 0) fail(`--only: got ${options.only}, want one of ${able.map(({ name }) => name).join(", ")}`);
if (options.list) console.log(able.map(({ name }) => name).join("\n"));
else if (options.page) await writePage();
else if (clusterFolder() === null) fail("no cluster: run: npx --yes bun@1.4.5 run bench");
else for (const scenario of wanted) await measure(scenario);
process.exit(0);

async function measure(scenario: Scenario): Promise<void> {
  const from = performance.now();
  const seconds = (): number => Math.round((performance.now() - from) / 100) / 10;
  const loadBefore = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const say = (what: string): void => console.error(`bench: ${scenario.name}: ${seconds()} s: ${what}`);
  const { nodes, history } = options;
  const { section, run, ...outcome } = await outcomeOf(scenario, { cluster: cluster(), nodes, history, say });
  const result: Result = {
    scenario: section.name,
    ...outcome,
    run: {
      at: new Date().toISOString(),
      commit: git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : "-dirty"),
      ...run,
      ...(scenario.bothHistories === true ? {} : { history }),
      machine: machine(),
      loadBefore,
      tookSeconds: Math.round(seconds()),
    },
  };
  console.log([...figures(section, result), "", JSON.stringify(result)].join("\n"));
  for (const check of result.checks.filter((one) => isKept(one) === false))
    console.error(
      `bench: ${scenario.name}: NOT KEPT: ${check.what}: got ${check.got} ${check.unit}, want ${check.want}`,
    );
  if (!areKept(options)) return;
  writeFileSync(resultPath(section.name), `${JSON.stringify(result, null, 2)}\n`);
  await writePage();
}

type Setting = Omit<ScenarioInput, "program">;

/** A result without what every run is told of. */
interface Measured extends Pick<Result, "checks" | "tables" | "notes" | "rounds"> {
  readonly section: Section;
  readonly run: Pick<Result["run"], "command" | "program" | "versus">;
}

async function outcomeOf(scenario: Scenario, setting: Setting): Promise<Measured> {
  const { inTurn } = scenario;
  const section = inTurnSection(scenario);
  if (options.versus !== null && inTurn !== undefined && section !== null)
    return { section, ...(await twoInTurn(inTurn, setting, scenario.name)) };
  const program = programAt(options.program);
  setting.say(`measuring ${program.name}`);
  const outcome = await scenario.run({ ...setting, program });
  return {
    section: scenario,
    ...outcome,
    run: { command: `bun run bench --only ${scenario.name}`, program: program.name },
  };
}

async function twoInTurn(inTurn: InTurn, setting: Setting, name: string): Promise<Omit<Measured, "section">> {
  const programs = { ours: programAt(options.program), other: programAt(options.versus) };
  const run = {
    command: `bun run bench --only ${name} --versus FILE --rounds ${options.rounds}`,
    program: versionOf(programs.ours),
    versus: versionOf(programs.other),
  };
  setting.say(`measuring ${run.program} in turn with ${run.versus}`);
  const turns = await inTurn.setUp({ ...setting, programs });
  const rounds = await takeTurns(options.rounds, (order, index) => {
    setting.say(`round ${index + 1} of ${options.rounds}, first ${order[0]}`);
    return turns.round(order);
  });
  return { ...compared(rounds, await turns.end(rounds)), rounds, run };
}

async function writePage(): Promise<void> {
  const results = await keptResults();
  writeFileSync(`${root}docs/performance.md`, performancePage(results));
  writeFileSync(`${root}docs/performance.svg`, chart(results));
}

function toldOptions(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    return fail(messageOf(error));
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { cwd: root, encoding: "utf8" }).trim();
}

function fail(why: string): never {
  console.error(`bench: ${why}`);
  process.exit(2);
}
