/** Pods that Kubernetes itself replaces, and how soon each new sidecar got its task. */
import type { Cluster } from "../test/cluster/harness/cluster.ts";
import { eventually } from "../test/cluster/harness/eventually.ts";
import type { Life } from "../test/cluster/harness/sidecar-journal.ts";
import type { Fleet } from "./contenders.ts";

const ROUND_MS = 60_000;

/**
 * Replaces the Pods of these nodes in every fleet, the same node in all of them at the same time, in the order of the
 * fleets; resolves when each new sidecar got its task, with the reactions in milliseconds, fleet by fleet.
 */
export async function replaceByKubernetes(
  cluster: Cluster,
  fleets: readonly Fleet[],
  names: readonly string[],
): Promise<readonly (readonly number[])[]> {
  const seen = new Set((await cluster.sidecars.lives()).map(({ podUid }) => podUid));
  await replaceAll(cluster, fleets, names);
  const reactions: (readonly number[])[] = [];
  for (const fleet of fleets) {
    const lives = await healedLives(cluster, fleet, { seen, count: names.length });
    reactions.push(lives.map(reactionOf));
  }
  return reactions;
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

function acceptedAt(life: Life): number | null {
  return life.submissions.find(({ type, status }) => type === "mark-ready" && status === 201)?.at.mono ?? null;
}

function reactionOf(life: Life): number {
  const couldBeSeen = Math.max(life.ipSeenAt.mono, life.listeningAt?.mono ?? Number.NaN);
  return (acceptedAt(life) ?? Number.NaN) - couldBeSeen;
}
