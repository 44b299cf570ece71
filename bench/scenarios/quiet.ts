/** Healthy fleets of several sizes: how long a start takes, and what quiet costs. */
import { startClock } from "../api-server.ts";
import { startBare } from "../contenders.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { buildStage, type Stage } from "../fleet/stage.ts";
import type { Outcome, Scenario, ScenarioInput } from "../scenario.ts";
import { round } from "../spread.ts";
import { type Usage, usageOf, usageSince } from "../usage.ts";

const SIZES = [100, 1000, 10_000];
/** After the start: what the first lists left behind is given time to be cleared away. */
const SETTLE_MS = 15_000;
const WINDOW_MS = 40_000;
/** Promised for 10,000 nodes. */
const RSS_MB = 105;
const CPU_A_PROBE_MS = 1.1;

interface Size {
  readonly nodes: number;
  readonly readyMs: number;
  readonly lookedMs: number;
  readonly startCpuSeconds: number;
  readonly quiet: Usage;
  readonly peakMb: number;
  readonly probes: number;
  readonly mutations: readonly string[];
  /** Seconds of CPU that the API server used in the window. */
  readonly apiSeconds: number;
  readonly bare: Bare;
}

/** The bare loop on a fleet of that size. */
interface Bare {
  readonly probeMs: number;
  readonly rssMb: number;
}

/** The scenario. */
export const quiet: Scenario = {
  name: "quiet",
  title: "A healthy fleet, from the start on",
  about: [
    "Fleets of several sizes, nothing wrong with any node, the usual settings (a probe a node every 10 s). A start is measured from the process being spawned: until `/readyz` is well, and until every sidecar was asked once. Then 15 s pass, and 40 s are measured.",
    "Memory is the whole process with every object it watches held: SeiNodes, Pods, StatefulSets, Services and PersistentVolumeClaims, one of each a node, as a node of the program's own making has them. The peak is that of the start, with the first lists. The environment tells the runtime (`BUN_JSC_…`) what the Deployment of `tidekeeper manifests` tells it. A minute after its start the program gives back what only the start needed.",
    "Beside it a bare loop in the same language: what it spends on a probe, when it asks every sidecar once, 64 at a time, and does nothing with the answer; and its memory after that, though it holds nothing but the name and the address of each Pod that its watch has told of.",
  ],
  async run(input) {
    const sizes = input.nodes === null ? SIZES : [input.nodes];
    const stage = await buildStage(input.cluster, { program: input.program, history: input.history });
    const seen: Size[] = [];
    for (const nodes of sizes) seen.push(await measure(stage, nodes, input));
    return outcomeOf(seen);
  },
};

async function measure(stage: Stage, nodes: number, { say }: ScenarioInput): Promise<Size> {
  const { cluster, player } = stage;
  say(`raising ${nodes} nodes`);
  const fleet = await stage.raise(nodes);
  say(`starting on ${nodes} nodes`);
  const { process, readyMs, lookedMs } = await startOnFleet(stage, fleet);
  const startCpuSeconds = usageOf(process.pid).cpuSeconds;
  say(`looked at ${nodes} nodes in ${Math.round(lookedMs)} ms`);
  await Bun.sleep(SETTLE_MS);
  const from = cluster.audit.offset();
  const [before, probesBefore] = [usageOf(process.pid), await player.probes([])];
  const apiSeconds = startClock(cluster);
  await Bun.sleep(WINDOW_MS);
  const apiUsed = apiSeconds();
  const used = usageSince(process.pid, before);
  const probes = (await player.probes([])).probes - probesBefore.probes;
  const mutations = cluster.audit
    .mutationsSince(from, "tidekeeper/")
    .filter(({ resource }) => resource !== "leases")
    .map(({ verb, resource, name }) => `${verb} ${resource} ${name}`);
  const peakMb = usageOf(process.pid).peakMb;
  await process.kill("SIGKILL");
  return {
    nodes,
    readyMs: Math.round(readyMs),
    lookedMs: Math.round(lookedMs),
    startCpuSeconds,
    quiet: used,
    peakMb,
    probes,
    mutations,
    apiSeconds: apiUsed,
    bare: await bareLoop(stage, fleet.namespace, nodes),
  };
}

async function bareLoop({ cluster }: Stage, namespace: string, nodes: number): Promise<Bare> {
  const bare = startBare(cluster, namespace);
  await bare.order("follow");
  await bare.order("probe");
  const before = usageOf(bare.pid);
  const rounds = Math.max(1, Math.round(5000 / nodes));
  for (let round = 0; round < rounds; round += 1) await bare.order("probe");
  const { cpuSeconds, rssMb } = usageSince(bare.pid, before);
  bare.kill();
  return { probeMs: (cpuSeconds * 1000) / (nodes * rounds), rssMb };
}

function outcomeOf(sizes: readonly Size[]): Outcome {
  const largest = sizes.at(-1);
  if (largest === undefined) throw new Error("quiet: want at least one size");
  const promised = largest.nodes === 10_000;
  const mutations = sizes.flatMap((size) => size.mutations);
  return {
    checks: [
      { what: "mutating requests besides the Lease's", got: mutations.length, want: 0, unit: "" },
      {
        what: `memory with ${largest.nodes} nodes`,
        got: largest.quiet.rssMb,
        want: promised ? RSS_MB : null,
        unit: "MB",
      },
      {
        what: `memory by the bare loop's, ${largest.nodes} nodes`,
        got: ratio(largest.quiet.rssMb, largest.bare.rssMb),
        want: null,
        unit: "x",
      },
      {
        what: `CPU a probe with ${largest.nodes} nodes`,
        got: cpuAProbe(largest),
        want: CPU_A_PROBE_MS,
        unit: "ms",
      },
      {
        what: `CPU a probe by the bare loop's, ${largest.nodes} nodes`,
        got: ratio(cpuAProbe(largest), largest.bare.probeMs),
        want: null,
        unit: "x",
      },
      {
        what: `start with ${largest.nodes} nodes until every node was looked at`,
        got: largest.lookedMs,
        want: null,
        unit: "ms",
      },
    ],
    tables: [
      {
        columns: [
          "nodes",
          "ready",
          "all looked at",
          "a node",
          "CPU of the start",
          "peak memory",
          "memory, quiet",
          "a node more",
          "CPU, quiet",
          "probes/s",
          "CPU a probe",
          "bare loop's",
          "bare loop's memory",
          "API server's CPU",
        ],
        rows: sizes.map((size, index) => rowOf(size, sizes[index - 1])),
      },
    ],
    notes: [
      "Nothing is healed and nothing patched here: of the API server it is told what it spends beside a quiet fleet, of one core.",
      ...(mutations.length === 0 ? [] : [`Mutating requests: ${mutations.slice(0, 5).join(", ")}.`]),
    ],
  };
}

function rowOf(size: Size, smaller: Size | undefined): readonly (string | number)[] {
  const { nodes, quiet } = size;
  const more =
    smaller === undefined ? "-" : `${round(((quiet.rssMb - smaller.quiet.rssMb) * 1024) / (nodes - smaller.nodes))} kB`;
  return [
    nodes,
    `${size.readyMs} ms`,
    `${size.lookedMs} ms`,
    `${ratio(size.lookedMs, nodes)} ms`,
    `${size.startCpuSeconds} s`,
    `${size.peakMb} MB`,
    `${quiet.rssMb} MB`,
    more,
    `${ratio(quiet.cpuSeconds * 100, WINDOW_MS / 1000)} %`,
    round(size.probes / (WINDOW_MS / 1000)),
    `${cpuAProbe(size)} ms`,
    `${ratio(size.bare.probeMs, 1)} ms`,
    `${size.bare.rssMb} MB`,
    `${ratio(size.apiSeconds * 100, WINDOW_MS / 1000)} %`,
  ];
}

function cpuAProbe({ quiet, probes }: Size): number {
  return ratio(quiet.cpuSeconds * 1000, probes);
}

function ratio(a: number, b: number): number {
  return Math.round((a / b) * 100) / 100;
}
