/** The figures as Markdown: what the benchmark prints, and what docs/performance.md holds. */
import { type Check, isKept, type Result, type Scenario, type Table } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/** One scenario's part: promises first. */
export function figures({ title, about }: Scenario, result: Result): readonly string[] {
  return [
    "",
    `## ${title}`,
    "",
    ...result.checks.map(checkLine),
    ...result.tables.flatMap((table) => ["", ...tableLines(table)]),
    ...result.notes.flatMap((note) => ["", note]),
    ...about.flatMap((paragraph) => ["", paragraph]),
    "",
    runLine(result),
  ];
}

/** docs/performance.md. */
export function performancePage(results: ReadonlyMap<string, Result>): string {
  return `${[
    "# Performance",
    "",
    "Written by `bun run bench` from `bench/results/*.json`; a test holds the two equal. Measured on a real API server and",
    "etcd, all of it on one machine: the API server, the sidecars (one process plays them) and what is measured share its",
    "cores. Beside it, in the same run on the same API server and as the same user, a **bare loop** (`bench/bare-loop.ts`):",
    "the least code that watches Pods, asks sidecars, and makes the same two status patches and the POST. It proves nothing",
    "before it acts, so it is what the work costs at least, not what a safe controller costs.",
    "",
    "Fleets of a thousand nodes and more are copies of one node that the program itself brought up with the whole of",
    "Kubernetes, written into etcd with other names, UIDs and addresses (`bench/fleet`); then controller-manager, scheduler",
    "and kwok are ended. That the copies are what the program leaves behind is proved by its writing nothing to them.",
    "",
    "![What was measured, as a part of what was promised](performance.svg)",
    ...scenarios.flatMap((scenario) => {
      const result = results.get(scenario.name);
      return result === undefined ? [] : figures(scenario, result);
    }),
    "",
    ...BOUNDS,
  ].join("\n")}\n`;
}

const BOUNDS = [
  "## What bounds it",
  "",
  "A reaction is half a step of the ladder (a sidecar that does not listen yet can only be asked again), two probes (one",
  "outside of passes, one in the pass that judges), the list of the sidecar's tasks (a gate that was shut on purpose stays",
  "shut), one status patch (the plan is stored before anything is done), and one live read of the Pod (addresses are reused).",
  "The bare loop has the ladder, one probe and the patch.",
  "",
  "A fleet whose Pods are all replaced within a minute is the edge of what two cores can do beside an API server: of the",
  "program's own time, by profile, 15 % are `JSON.parse` (watches, replies, stored objects), 13 % reading the stores, 11 %",
  "connections to sidecars that do not listen yet. It sends six requests a node, the bare loop two: a patch that says that",
  "nothing is known, one that stores the plan, one that closes it, two Events, a read. Where the cores have nothing left all",
  "of them wait: in one afternoon, by the speed of the machine, the median was 80, 208, 359, 433 and 882 ms, and the bare",
  "loop's 88 to 104.",
  "",
  "A fleet whose gates are all shut at once is bounded by the API server's writes: two status patches a node, and beside them",
  "one read and two Events. What opens gates goes first ([write lanes](design/0011-write-lanes.md)). With 10,000 nodes the",
  "program's own CPU, which the bare loop has not got, is what is over: by profile 14 % of it `JSON.parse`, 12 % connecting to",
  "sidecars, 8 % writing to sockets, the rest spread thin; the collector, which holds the heap near 128 MiB, is not in it (a",
  "start with 10,000 nodes takes 14.4 s of CPU where it may use 512 MiB, 19.9 s where 128).",
  "",
  "A start is bounded by reading lists, each object once: by profile of a start with 10,000 nodes a third is `JSON.parse`",
  "(28 kB of JSON a node, with `managedFields`), a fifth the digests of the fields that are ours in StatefulSets and",
  "Services, a tenth packing. What the last owner left is proved node by node ([0016](design/0016-taking-nodes-over.md)).",
  "",
  "Memory is first that of the runtime: 65 MB with no node at all, of which 42 to 45 MB are pages of the program's file. The",
  "bytes of 10,000 nodes' objects ([0017](design/0017-objects-as-bytes.md)) are 17 MB more in a loop that holds nothing else",
  "(110 MB as strings in a `Map`). The rest is the loop's memory of each node, its place in the queue, and room that the",
  "collector keeps: by `bun:jsc` 37 MB of 49 MB of heap are in use. Forced collections, `--smol`, and earlier purging by the",
  "allocator did not lower it. The collector is told by `BUN_JSC_forceRAMSize` that there is no more memory than the Deployment",
  "of `tidekeeper manifests` asks for (128 MiB), else it takes the machine's for its own.",
];

function checkLine(check: Check): string {
  const { what, got, want, unit } = check;
  const kept = isKept(check);
  if (want === null || kept === null) return `- ${what}: **${withUnit(got, unit)}**`;
  return `- ${what}: **${withUnit(got, unit)}**, promised ${withUnit(want, unit)}${kept ? "" : ": **not kept**"}`;
}

function withUnit(value: number, unit: string): string {
  return unit === "" ? String(value) : `${value} ${unit}`;
}

function tableLines({ columns, rows }: Table): readonly string[] {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)];
}

function runLine({ run }: Result): string {
  const { program, commit, at, command, machine, loadBefore, tookSeconds } = run;
  const { cpu, cores, memoryGb } = machine;
  const on = `${cpu}, ${cores} cores, ${memoryGb} GB, load average ${loadBefore} before the run`;
  return `Measured: \`${program}\` at ${commit}, ${at}, by \`${command}\` in ${tookSeconds} s, on ${on}.`;
}
