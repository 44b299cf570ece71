/**
 * Pods are replaced, and their sidecars take 0 to 20 s more to answer at all. Reaction = from the moment the shut gate
 * could be seen (the Pod's address committed and the sidecar listening, by the sidecar's clock) to the accepted POST.
 */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { isAtRest, type SeiNodeObject } from "../../test/cluster/harness/fleet.ts";
import type { Life } from "../../test/cluster/harness/sidecar-journal.ts";
import { type Fleet, type Program, raiseFleet, startBare, startOurs } from "../contenders.ts";
import { type Spread, spreadOf } from "../spread.ts";
import { countPatches, type PatchCount } from "../status-patches.ts";
import { type Usage, usageOf, usageSince } from "../usage.ts";

/** What came of it; reactions in milliseconds. */
export interface PodReplaced {
  readonly nodes: number;
  readonly replacements: number;
  readonly ours: Spread;
  readonly bare: Spread;
  /** Median of ours by median of the bare loop's. */
  readonly ratio: number;
  readonly oursUsage: Usage;
  readonly bareUsage: Usage;
  readonly oursPatches: PatchCount;
}

/** How much of it. */
export interface PodReplacedOptions {
  readonly program: Program;
  readonly nodes: number;
  readonly replacements: number;
}

const ROUND_MS = 60_000;
const START_DELAY_MS = [0, 20_000] as const;

/** Both contenders at the same time, each with its own fleet, on one API server. */
export async function podReplaced(cluster: Cluster, options: PodReplacedOptions): Promise<PodReplaced> {
  const { program, nodes, replacements } = options;
  const own = await raiseFleet(cluster, { program, count: nodes, prefix: "ours" });
  const other = await raiseFleet(cluster, { program, count: nodes, prefix: "bare" });
  const ours = await startOurs(cluster, { program, namespace: own.namespace });
  const bare = startBare(cluster, other.namespace);
  for (const { namespace } of [own, other])
    await cluster.sidecars.behave({ startDelayMs: START_DELAY_MS }, { namespace });
  await Bun.sleep(2000);
  const before = { ours: usageOf(ours.pid), bare: usageOf(bare.pid) };
  const from = cluster.audit.offset();
  const seen = new Set((await cluster.sidecars.lives()).map(({ podUid }) => podUid));
  const reactions = { ours: new Array<number>(), bare: new Array<number>() };
  for (let left = replacements; left > 0; left -= nodes) {
    const names = own.names.slice(0, Math.min(left, nodes));
    await replaceAll(cluster, [own, other], names);
    for (const [who, fleet] of [["ours", own] as const, ["bare", other] as const]) {
      const lives = await healedLives(cluster, fleet, { seen, count: names.length });
      for (const life of lives) {
        seen.add(life.podUid);
        reactions[who].push(reactionOf(life));
      }
    }
    await atRest(cluster, own);
  }
  const result = {
    nodes,
    replacements,
    ours: spreadOf(reactions.ours),
    bare: spreadOf(reactions.bare),
    oursUsage: usageSince(ours.pid, before.ours),
    bareUsage: usageSince(bare.pid, before.bare),
    oursPatches: countPatches(cluster.audit.mutationsSince(from, "tidekeeper/"), own.namespace),
  };
  await ours.kill();
  bare.kill();
  return { ...result, ratio: Math.round((result.ours.median / result.bare.median) * 100) / 100 };
}

async function replaceAll(cluster: Cluster, fleets: readonly Fleet[], names: readonly string[]): Promise<void> {
  for (const name of names) {
    await Promise.all(
      fleets.map(({ namespace }) => cluster.api.remove(`/api/v1/namespaces/${namespace}/pods/${name}-0`)),
    );
    await Bun.sleep(100);
  }
}

/** Waits until so many new sidecars have got their task. */
function healedLives(
  cluster: Cluster,
  { namespace }: Fleet,
  { seen, count }: { readonly seen: ReadonlySet<string>; readonly count: number },
): Promise<readonly Life[]> {
  return eventually(
    `${count} gates opened in ${namespace}`,
    async () => {
      await Bun.sleep(250);
      const lives = (await cluster.sidecars.lives({ namespace })).filter(({ podUid }) => !seen.has(podUid));
      const healed = lives.filter((life) => acceptedAt(life) !== null);
      return healed.length === count ? healed : null;
    },
    ROUND_MS,
  );
}

async function atRest(cluster: Cluster, { namespace }: Fleet): Promise<void> {
  const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`;
  await eventually("every plan closed", async () => (await cluster.api.list<SeiNodeObject>(path)).every(isAtRest));
}

function acceptedAt(life: Life): number | null {
  return life.submissions.find(({ type, status }) => type === "mark-ready" && status === 201)?.at.mono ?? null;
}

function reactionOf(life: Life): number {
  const couldBeSeen = Math.max(life.ipSeenAt.mono, life.listeningAt?.mono ?? Number.NaN);
  return (acceptedAt(life) ?? Number.NaN) - couldBeSeen;
}
