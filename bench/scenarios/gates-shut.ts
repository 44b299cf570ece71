/**
 * Every gate is shut at once, without any Kubernetes event, just before a poll. Ours is held still with SIGSTOP until
 * every poll is due, so that the whole fleet is looked at at once when it goes on; the bare loop is told to poll.
 */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { isAtRest, type SeiNodeObject } from "../../test/cluster/harness/fleet.ts";
import { stamp, type Stamp } from "../../test/cluster/harness/sidecar-journal.ts";
import { type BareLoop, type Fleet, type Program, raiseFleet, startBare, startOurs } from "../contenders.ts";
import { type Spread, spreadOf } from "../spread.ts";
import { countPatches, type PatchCount } from "../status-patches.ts";
import { type Usage, usageOf, usageSince } from "../usage.ts";

/** One contender's rounds; milliseconds from the poll. */
export interface GatesShutTimes {
  /** Until half of the nodes had their task, and until the last one had. */
  readonly halfMarked: Spread;
  readonly allMarked: Spread;
  /** Until the last plan was closed. */
  readonly allClosed: Spread;
  /** Of all rounds together. */
  readonly usage: Usage;
}

/** What came of it. */
export interface GatesShut {
  readonly nodes: number;
  readonly rounds: number;
  readonly ours: GatesShutTimes;
  readonly bare: GatesShutTimes;
  /** Medians of ours by medians of the bare loop's. */
  readonly ratioMarked: number;
  readonly ratioClosed: number;
  readonly oursPatches: PatchCount;
  /** The API server alone: status patches of the bare loop, 64 at a time. */
  readonly ceiling: {
    readonly patchesPerSecond: number;
    readonly onePatchANodeMs: number;
    readonly twoPatchesANodeMs: number;
  };
}

/** How much of it. */
export interface GatesShutOptions {
  readonly program: Program;
  readonly nodes: number;
  readonly rounds: number;
}

/** Held still for longer than the poll and its jitter, and shorter than the Lease's renew deadline of 10 s. */
const POLL = "--probe-interval=5s";
const HELD_MS = 6000;
/** No new plan is made for the same life of a sidecar for 10 s after an acceptance. */
const BETWEEN_MS = 12_000;
const ROUND_MS = 120_000;

interface Round {
  readonly halfMarked: number;
  readonly allMarked: number;
  readonly allClosed: number;
  readonly cpuSeconds: number;
}

/** Takes turns: a round of ours, a round of the bare loop. */
export async function gatesShut(cluster: Cluster, options: GatesShutOptions): Promise<GatesShut> {
  const { program, nodes, rounds } = options;
  const own = await raiseFleet(cluster, { program, count: nodes, prefix: "ours" });
  const other = await raiseFleet(cluster, { program, count: nodes, prefix: "bare" });
  const bare = startBare(cluster, other.namespace);
  await Bun.sleep(2000);
  const ceiling = await ceilingOf(bare, nodes);
  const ours = await startOurs(cluster, { program, namespace: own.namespace, flags: [POLL] });
  const from = cluster.audit.offset();
  const [mine, theirs]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    await Bun.sleep(BETWEEN_MS);
    mine.push(
      await roundOf(cluster, own, ours.pid, {
        before: async () => {
          await ours.kill("SIGSTOP");
          await Bun.sleep(HELD_MS);
        },
        poll: async () => void (await ours.kill("SIGCONT")),
      }),
    );
    theirs.push(
      await roundOf(cluster, other, bare.pid, { before: async () => undefined, poll: () => bare.order("poll") }),
    );
  }
  const result = { nodes, rounds, ours: timesOf(mine, ours.pid), bare: timesOf(theirs, bare.pid), ceiling };
  const oursPatches = countPatches(cluster.audit.mutationsSince(from, "tidekeeper/"), own.namespace);
  await ours.kill();
  bare.kill();
  return {
    ...result,
    oursPatches,
    ratioMarked: ratio(result.ours.allMarked, result.bare.allMarked),
    ratioClosed: ratio(result.ours.allClosed, result.bare.allClosed),
  };
}

async function ceilingOf(bare: BareLoop, nodes: number): Promise<GatesShut["ceiling"]> {
  await bare.order(`patches ${nodes}`);
  const onePatchANodeMs = Math.round(await bare.order(`patches ${nodes}`));
  const twoPatchesANodeMs = Math.round(await bare.order(`patches ${2 * nodes}`));
  const many = 10 * nodes;
  const patchesPerSecond = Math.round((many / (await bare.order(`patches ${many}`))) * 1000);
  return { patchesPerSecond, onePatchANodeMs, twoPatchesANodeMs };
}

async function roundOf(
  cluster: Cluster,
  { namespace, names }: Fleet,
  pid: number,
  hands: { readonly before: () => Promise<void>; readonly poll: () => Promise<unknown> },
): Promise<Round> {
  const used = usageOf(pid);
  await hands.before();
  const shut = await cluster.sidecars.shut({ namespace });
  if (shut !== names.length) throw new Error(`gates shut in ${namespace}: got ${shut}, want ${names.length}`);
  const at = stamp();
  const closing = closings(cluster, { namespace, names });
  const polled = hands.poll();
  await eventually(
    `every gate opened in ${namespace}`,
    // Asked seldom: the asking itself costs time.
    () => Bun.sleep(400).then(async () => (await markedAfter(cluster, namespace, at)).length === names.length),
    ROUND_MS,
  );
  const closedAt = await closing;
  await polled;
  const marked = await markedAfter(cluster, namespace, at);
  return {
    halfMarked: marked[Math.ceil(marked.length / 2) - 1] ?? Number.NaN,
    allMarked: marked.at(-1) ?? Number.NaN,
    allClosed: closedAt.wall - at.wall,
    cpuSeconds: usageSince(pid, used).cpuSeconds,
  };
}

/** When a watch saw the last plan closed. */
async function closings(cluster: Cluster, { namespace, names }: Fleet): Promise<Stamp> {
  const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`;
  const ended = AbortSignal.timeout(ROUND_MS);
  const shut = new Set<string>();
  const closed = new Set<string>();
  for await (const { object } of cluster.api.watch<SeiNodeObject>(path, ended)) {
    const { name } = object.metadata;
    if (!isAtRest(object)) shut.add(name);
    else if (shut.has(name)) closed.add(name);
    if (closed.size === names.length) return stamp();
  }
  throw new Error(`plans closed in ${namespace}: got ${closed.size}, want ${names.length}`);
}

/** Milliseconds after `at` of each accepted task, in order; by the wall, since `mono` is each process's own. */
async function markedAfter(cluster: Cluster, namespace: string, at: Stamp): Promise<readonly number[]> {
  const lives = await cluster.sidecars.lives({ namespace });
  return lives
    .flatMap(({ submissions }) =>
      submissions.filter(({ status }) => status === 201).map((sent) => sent.at.wall - at.wall),
    )
    .filter((ms) => ms >= 0)
    .toSorted((a, b) => a - b);
}

function timesOf(rounds: readonly Round[], pid: number): GatesShutTimes {
  const cpuSeconds = rounds.reduce((sum, round) => sum + round.cpuSeconds, 0);
  return {
    halfMarked: spreadOf(rounds.map((round) => round.halfMarked)),
    allMarked: spreadOf(rounds.map((round) => round.allMarked)),
    allClosed: spreadOf(rounds.map((round) => round.allClosed)),
    usage: { ...usageOf(pid), cpuSeconds: Math.round(cpuSeconds * 100) / 100 },
  };
}

function ratio(ours: Spread, bare: Spread): number {
  return Math.round((ours.median / bare.median) * 100) / 100;
}
