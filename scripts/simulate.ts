/**
 * Seeds of the simulation: the real controller on a simulated cluster in virtual time, under a random subset of all faults.
 *
 *   bun run simulate --seeds 300                  seeds 1 to 300, on both cores
 *   bun run simulate --seeds 300 --from 1000      seeds 1000 to 1299
 *   bun run simulate --seed 42                    that one alone, with its whole log
 *   bun run simulate --seed 42 --nodes 3 --minutes 4 --faults "hold,amid"
 *
 * A seed is 10 nodes and 2 replicas for at least 10 simulated minutes: half of them under faults, then healing, then what a
 * fleet owes when nothing is wrong (test/simulation/swarm). What must hold after every step, and what at the end, is
 * code: test/simulation/invariants and test/simulation/swarm/exams.ts. A seed that fails prints the line that runs it
 * again, and is made smaller; `--shrink no` leaves it as it is. `--for SECONDS` stops after that time. Ends with 1 when
 * something was broken.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { faultNames } from "../test/simulation/swarm/faults.ts";
import { drawn, runSeed, type SeedOptions, type SeedVerdict } from "../test/simulation/swarm/seed.ts";
import { kindOf, replayLine, shrink } from "../test/simulation/swarm/shrink.ts";

const NUMBERS = { seeds: 100, from: 1, nodes: 10, minutes: 10, jobs: 2, for: 0, part: 0 };
const { values } = parseArgs({
  options: Object.fromEntries(
    [...Object.keys(NUMBERS), "seed", "faults", "shrink"].map((name) => [name, { type: "string" as const }]),
  ),
});
const numbers = Object.fromEntries(
  Object.entries(NUMBERS).map(([name, usual]) => [name, Number(values[name] ?? usual)]),
);
const wrong = Object.entries(numbers).find(([, value]) => !Number.isSafeInteger(value) || value < 0);
const unknown = (values["faults"] ?? "").split(",").find((name) => name !== "" && !faultNames.includes(name));
if (wrong !== undefined || unknown !== undefined) {
  const why =
    wrong === undefined
      ? `--faults: got ${unknown}, want some of: ${faultNames.join(", ")}`
      : `--${wrong[0]}: want a whole number`;
  console.error(`simulate: ${why}`);
  process.exit(2);
}
const { seeds = 0, from = 1, nodes = 10, minutes = 10, jobs = 1, part = 0 } = numbers;
const untilMs = numbers["for"] === 0 ? Number.POSITIVE_INFINITY : performance.now() + 1_000 * (numbers["for"] ?? 0);

/** What a part of the seeds came to, as one line of JSON between processes. */
interface Sum {
  readonly seeds: number;
  readonly failed: number;
  readonly nodeMinutes: number;
  readonly effects: number;
  readonly fewestEffects: number;
  readonly cpuSeconds: number;
}

const SUM = "sum: ";
process.exit(await main());

async function main(): Promise<number> {
  if (values["seed"] !== undefined) return alone(optionsOf(Number(values["seed"])));
  if (values["part"] !== undefined) {
    console.log(`${SUM}${JSON.stringify(some(part))}`);
    return 0;
  }
  return all();
}

function optionsOf(seed: number): SeedOptions {
  const usual = drawn(seed, nodes, minutes);
  return values["faults"] === undefined
    ? usual
    : { ...usual, faults: values["faults"].split(",").filter((name) => name !== "") };
}

/** One seed, with its whole log. */
function alone(options: SeedOptions): number {
  console.log(`faults: ${options.faults.join(", ")}`);
  const verdict = runSeed(options);
  for (const line of verdict.log) console.log(line);
  console.log(told(verdict));
  for (const breach of verdict.breaches) console.log(`  ${breach}`);
  return verdict.breaches.length === 0 ? 0 : 1;
}

/** Every `jobs`-th seed from the `index`-th on. */
function some(index: number): Sum {
  const sum = { seeds: 0, failed: 0, nodeMinutes: 0, effects: 0, fewestEffects: Number.MAX_SAFE_INTEGER };
  const { user, system } = process.cpuUsage();
  for (let at = index; at < seeds && performance.now() < untilMs; at += jobs) {
    const verdict = runSeed(optionsOf(from + at));
    sum.seeds += 1;
    sum.nodeMinutes += verdict.simulatedMinutes * verdict.options.nodes;
    sum.effects += verdict.effects;
    sum.fewestEffects = Math.min(sum.fewestEffects, verdict.effects);
    if (verdict.breaches.length === 0) continue;
    sum.failed += 1;
    tellFailure(verdict);
  }
  const used = process.cpuUsage({ user, system });
  return { ...sum, cpuSeconds: (used.user + used.system) / 1e6 };
}

function tellFailure(verdict: SeedVerdict): void {
  const usual = drawn(verdict.options.seed);
  console.log(`FAILED ${told(verdict)}`);
  for (const breach of verdict.breaches.slice(0, 5)) console.log(`  ${breach}`);
  console.log(`  again: ${replayLine(verdict.options, usual)}`);
  if (values["shrink"] === "no") return;
  const kind = kindOf(verdict.breaches[0] ?? "");
  const smaller = shrink(verdict.options, (one) => runSeed(one).breaches.some((breach) => kindOf(breach) === kind));
  console.log(`  smaller: ${replayLine(smaller, usual)}`);
}

function told({ options, effects, simulatedMinutes, breaches, trace }: SeedVerdict): string {
  const size = `${options.nodes} nodes, ${simulatedMinutes.toFixed(1)} simulated min, ${effects} effects`;
  return `seed ${options.seed}: ${size}, ${options.faults.length} kinds of faults, trace ${trace}, ${breaches.length} breaches`;
}

/** All seeds, in a process for each job. */
async function all(): Promise<number> {
  const began = performance.now();
  const flags = process.argv.slice(2);
  const parts = Array.from({ length: jobs }, (_, index) => {
    const command = [process.execPath, import.meta.path, ...flags, "--jobs", String(jobs), "--part", String(index)];
    return sumOf(Bun.spawn(command, { stdout: "pipe", stderr: "inherit" }));
  });
  const sums = await Promise.all(parts);
  const total = (of: (sum: Sum) => number): number => sums.reduce((sum, one) => sum + of(one), 0);
  const cpuSeconds = total((sum) => sum.cpuSeconds);
  const failed = total((sum) => sum.failed);
  const fewest = Math.min(...sums.map((sum) => sum.fewestEffects));
  const rate = total((sum) => sum.nodeMinutes) / cpuSeconds;
  console.log(
    `${total((sum) => sum.seeds)} seeds from ${from} on, ${failed} failed; ${total((sum) => sum.effects)} effects, at least ${fewest} a seed; ` +
      `${Math.round(total((sum) => sum.nodeMinutes))} simulated node-minutes, ${rate.toFixed(0)} a second a core; ` +
      `${((performance.now() - began) / 1_000).toFixed(0)} s on ${jobs} of ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"})`,
  );
  return failed === 0 && sums.every((sum) => sum.seeds > 0 || seeds < jobs) ? 0 : 1;
}

/** Passes on what a part says, and keeps its sum. */
async function sumOf(child: Bun.Subprocess<"ignore", "pipe", "inherit">): Promise<Sum> {
  let text = "";
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith(SUM)) console.log(line);
      else text = line;
    }
  }
  if ((await child.exited) !== 0) throw new Error(`a part of the seeds ended with ${child.exitCode}`);
  const sum: Sum = JSON.parse(text.slice(SUM.length));
  return sum;
}
