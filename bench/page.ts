/** The figures as Markdown: what the benchmark prints, and what docs/performance.md holds. */
import { type Check, isKept, type Result, type Section, type Table } from "./scenario.ts";
import { sections } from "./scenarios/index.ts";

/** One section: promises first. */
export function figures({ title, about }: Section, result: Result): readonly string[] {
  return [
    "",
    `## ${title}`,
    ...(result.checks.length === 0 ? [] : ["", ...result.checks.map(checkLine)]),
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
    "Where the line below a section says `history full`, every node remembers ten finished plans, as one that has lived a while",
    "does; else the one that brought it up. It matters: what is remembered is read and written with every status patch.",
    "",
    "`bun run bench --only NAME --versus FILE` measures the program in turn with another one, such as an earlier version of it.",
    "",
    "![What was measured, as a part of what was promised](performance.svg)",
    ...sections.flatMap((section) => {
      const result = results.get(section.name);
      return result === undefined ? [] : figures(section, result);
    }),
    "",
    ...BOUNDS,
  ].join("\n")}\n`;
}

const BOUNDS = [
  "## What bounds it",
  "",
  "A reaction is half a step of the ladder (a sidecar that does not listen yet can only be asked again), one probe, the list of",
  "the sidecar's tasks (a gate that was shut on purpose stays shut), one status patch (the plan is stored before anything is",
  "done), and one live read of the Pod (addresses are reused). The bare loop has a ladder of longer steps, one probe and the patch.",
  "",
  "A fleet whose Pods are all replaced within a minute is the edge of what two cores can do beside an API server. In the middle",
  "of such a minute (AMD EPYC), of both cores together, the API server took 54 %, the program 20 %, etcd 8 %, the benchmark 6 %,",
  "and 12 % were left. The program sends five requests a node, the bare loop two: a patch that stores the plan, one that closes it, two",
  "Events, a read. With a third patch, which said only that nothing was known, the median was 510 and 544 ms, without it 140, on",
  "the same afternoon: by the API server's own profile 41 % of its time were updates of status. A Pod cost the program 25 to 27 ms of",
  "CPU there, the bare loop 16 (Xeon: 19 to 23 and 11 to 12): asking sidecars that do not listen yet, reconciles, watches; no part of it stands out.",
  "",
  "A fleet whose gates are all shut at once is bounded by the API server's writes: two status patches a node, and beside them",
  "one read and two Events. What opens gates goes first ([write lanes](design/0011-write-lanes.md)). While those of 10,000 nodes",
  "were being opened (Xeon), of both cores together the API server took 67 to 75 %, the program 21 to 26 %, etcd 3 %, the",
  "benchmark 3 %, and nothing was left: what the program takes, the API server lacks. By profile of 3,000 gates opened and their",
  "plans closed 18 % of the program's CPU go into connections to sidecars (four questions a healing, a connection each, since",
  "addresses are reused; and the poll of all others goes on), 12 % into `JSON.parse`, 7 % into writing requests, and nothing else",
  "takes more than 2.2 %.",
  "",
  "A start is bounded by reading lists, each object once: by profile of a start with 4,000 nodes 16 % is `JSON.parse` (of 28 kB",
  "a node, half of which, `managedFields`, is cut out before where nobody reads it), 14 % the digests of the fields that are",
  "ours in StatefulSets and Services, 9 % packing, 12 % reading back what was packed, 9 % the first probes. What the last owner",
  "left is proved node by node ([0016](design/0016-taking-nodes-over.md)).",
  "",
  "Memory is first that of the runtime: 65 MB with no node at all, of which 42 to 45 MB are pages of the program's file. The",
  "bytes of 10,000 nodes' objects ([0017](design/0017-objects-as-bytes.md)) are 8 MB (816 bytes a node).",
  "The rest is what is remembered of each node and its place in the queue (8 MB of live cells, which lie in 16 to 22 MB of",
  "blocks), compiled code, and room for new objects. It goes up and down with the collector; the figure is what was read at the",
  "end of the window. What was in use while young objects were collected counts as old, and the runtime seldom looks through the",
  "old ones by itself (by its own log not once in a hundred collections), so the program asks it to every 30 s. Without that,",
  "readings over five minutes were between 102 and 124 MB; asked every 15 s, between 103 and 109 over 75 s. Letting go of compiled",
  "code, which the program does a minute after its start, lowers it by 8 to 12 MB; half of that comes back as code is",
  "compiled anew. Other settings of the runtime (growth of the heap, sizes of its first heap, fewer tiers of compilation,",
  "`--smol`, giving empty pages back sooner) did not lower it. The collector is told by `BUN_JSC_forceRAMSize` that there is no",
  "more memory than the Deployment of `tidekeeper manifests` asks for (128 MiB), else it takes the machine's for its own; the bare",
  "loop is not told so.",
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
  const { program, versus, history, commit, at, command, machine, loadBefore, tookSeconds } = run;
  const { cpu, cores, memoryGb } = machine;
  const on = `${cpu}, ${cores} cores, ${memoryGb} GB, load average ${loadBefore} before the run`;
  // In turn each program says itself which one it is.
  const what = versus === undefined ? `\`${program}\` at ${commit}` : `ours \`${program}\`, the other \`${versus}\``;
  const past = history === undefined ? "" : `, history ${history}`;
  return `Measured: ${what}${past}, ${at}, by \`${command}\` in ${tookSeconds} s, on ${on}.`;
}
