/** The figures as Markdown: what the benchmark prints, and what docs/performance.md holds. */
import type { Results, Run } from "./results.ts";
import type { GatesShut, GatesShutTimes } from "./scenarios/gates-shut.ts";
import type { PodReplaced } from "./scenarios/pod-replaced.ts";
import type { Spread } from "./spread.ts";
import type { PatchCount } from "./status-patches.ts";
import type { Usage } from "./usage.ts";

/** The tables of one run. */
export function figures(results: Results): readonly string[] {
  return [
    ...(results.podReplaced === null ? [] : podReplacedPart(results.podReplaced)),
    ...(results.gatesShut === null ? [] : gatesShutPart(results.gatesShut)),
  ];
}

/** docs/performance.md. */
export function performancePage(results: Results): string {
  return `${[
    "# Performance",
    "",
    "Written by `bun run bench` from `bench/results/latest.json`; a test holds the two equal. Measured on",
    "a real API server with kube-controller-manager, scheduler and kwok, sidecars played by one process, and",
    "all of it on one machine. Beside it, in the same run on the same API server, a **bare loop** (`bench/bare-loop.ts`):",
    "the least code that watches Pods, asks each new sidecar every 150 ms, and makes the same two status patches and the POST.",
    "It proves nothing before it acts, so it is what the work costs at least, not what a safe controller costs.",
    ...figures(results),
    "",
    "## What bounds it",
    "",
    "A reaction is half a step of the ladder (a sidecar that does not listen yet can only be asked again), the probe, the",
    "list of the sidecar's tasks (a gate that was shut on purpose stays shut), one status patch (the plan is stored before",
    "anything is done), and one live read of the Pod (addresses are reused). The bare loop has the ladder, the probe and the",
    "patch.",
    "",
    "A fleet whose gates are all shut at once is bounded by the API server's writes: two status patches a node.",
  ].join("\n")}\n`;
}

function podReplacedPart(seen: PodReplaced & { readonly run: Run }): readonly string[] {
  const { ours, bare, oursUsage, bareUsage } = seen;
  return [
    "",
    "## A Pod is replaced",
    "",
    `${seen.replacements} replacements over ${seen.nodes} nodes, sidecars that take 0 to 20 s after their Pod to answer at all. Reaction = from`,
    "the moment the shut gate could be seen (address committed and sidecar listening, by the sidecar's clock) to the",
    "accepted POST. Promised: median under 300 ms, none over 1,500 ms.",
    "",
    `Ours by the bare loop's: **${seen.ratio}** (medians).`,
    "",
    "| | n | median | p90 | max | mean | CPU | memory after |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    `| tidekeeper | ${spreadCells(ours)} | ${usageCells(oursUsage)} |`,
    `| bare loop | ${spreadCells(bare)} | ${usageCells(bareUsage)} |`,
    "",
    ...patchLines(seen.oursPatches),
    "",
    runLine(seen.run),
  ];
}

function gatesShutPart(seen: GatesShut & { readonly run: Run }): readonly string[] {
  const { ceiling, ours, bare } = seen;
  return [
    "",
    "## All gates shut at once",
    "",
    `${seen.nodes} nodes, every gate shut without any Kubernetes event just before a poll; ${seen.rounds} rounds, taking turns; medians, from the poll.`,
    "",
    `Ours by the bare loop's: **${seen.ratioMarked}** until all are marked ready, **${seen.ratioClosed}** until all plans are closed.`,
    "",
    "| | half marked | all marked | all plans closed | CPU a round | memory after |",
    "| --- | --- | --- | --- | --- | --- |",
    `| tidekeeper | ${timesCells(ours, seen.rounds)} |`,
    `| bare loop | ${timesCells(bare, seen.rounds)} |`,
    "",
    `The API server alone, status patches 64 at a time: ${ceiling.patchesPerSecond} patches/s; one patch a node`,
    `${ceiling.onePatchANodeMs} ms, two patches a node ${ceiling.twoPatchesANodeMs} ms.`,
    "",
    ...patchLines(seen.oursPatches),
    "",
    runLine(seen.run),
  ];
}

function runLine({ program, commit, at, command, machine, loadBefore }: Run): string {
  const { cpu, cores, memoryGb } = machine;
  const on = `${cpu}, ${cores} cores, ${memoryGb} GB, load average ${loadBefore} before the run`;
  return `Measured: \`${program}\` at ${commit}, ${at}, by \`${command}\`, on ${on}.`;
}

function spreadCells({ n, median, p90, max, mean }: Spread): string {
  return `${n} | ${median} ms | ${p90} ms | ${max} ms | ${mean} ms`;
}

function usageCells({ cpuSeconds, rssMb }: Usage): string {
  return `${cpuSeconds} s | ${rssMb} MB`;
}

function timesCells({ halfMarked, allMarked, allClosed, usage }: GatesShutTimes, rounds: number): string {
  const cpu = Math.round((usage.cpuSeconds / rounds) * 100) / 100;
  return `${halfMarked.median} ms | ${allMarked.median} ms | ${allClosed.median} ms | ${cpu} s | ${usage.rssMb} MB`;
}

function patchLines({ withoutUnknown, withUnknown }: PatchCount): readonly string[] {
  const told = (title: string, { healings, mean, max }: PatchCount["withUnknown"]): string =>
    `- ${title}: ${healings} healings, mean ${mean}, most ${max}`;
  return [
    "Status patches a healing, by the API server's audit log:",
    "",
    told("no unknown state was written", withoutUnknown),
    told("through `Unknown` (a Pod that was gone for a while)", withUnknown),
  ];
}
