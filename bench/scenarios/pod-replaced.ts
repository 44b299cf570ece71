/**
 * Pods are replaced, and their sidecars take 0 to 20 s more to answer at all. Reaction = from the moment the shut gate
 * could be seen (the Pod's address committed and the sidecar listening, by the sidecar's clock) to the accepted POST.
 */
import { part, reactionRow } from "../reaction-row.ts";
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { isAtRest, type SeiNodeObject } from "../../test/cluster/harness/fleet.ts";
import type { Life } from "../../test/cluster/harness/sidecar-journal.ts";
import { type Fleet, raiseFleet, startBare, startOurs } from "../contenders.ts";
import type { Scenario } from "../scenario.ts";
import { spreadOf } from "../spread.ts";
import { countPatches, patchesNote } from "../status-patches.ts";
import { usageOf, usageSince } from "../usage.ts";

const NODES = 10;
const REPLACEMENTS = 50;
const ROUND_MS = 60_000;
const START_DELAY_MS = [0, 20_000] as const;
const MEDIAN_MS = 300;
const MAX_MS = 1500;

/** The scenario: both contenders at the same time, each with its own fleet, on one API server. */
export const podReplaced: Scenario = {
  name: "pod-replaced",
  title: "A Pod is replaced",
  about: [
    `${REPLACEMENTS} replacements over ${NODES} nodes by Kubernetes itself (kube-controller-manager, scheduler, kwok), with sidecars that take 0 to 20 s after their Pod to answer at all. Reaction = from the moment the shut gate could be seen (address committed and sidecar listening, by the sidecar's clock) to the accepted POST.`,
    "Ours and the bare loop at the same time, each with a fleet of its own.",
  ],
  async run({ cluster, program, nodes, say }) {
    const count = nodes ?? NODES;
    const own = await raiseFleet(cluster, { program, count, prefix: "ours" });
    const other = await raiseFleet(cluster, { program, count, prefix: "bare" });
    const ours = await startOurs(cluster, { program, namespace: own.namespace });
    const bare = startBare(cluster, other.namespace);
    await bare.order("follow");
    for (const { namespace } of [own, other])
      await cluster.sidecars.behave({ startDelayMs: START_DELAY_MS }, { namespace });
    await Bun.sleep(2000);
    const before = { ours: usageOf(ours.pid), bare: usageOf(bare.pid) };
    const from = cluster.audit.offset();
    const seen = new Set((await cluster.sidecars.lives()).map(({ podUid }) => podUid));
    const reactions = { ours: new Array<number>(), bare: new Array<number>() };
    for (let left = REPLACEMENTS; left > 0; left -= count) {
      say(`${left} replacements to go`);
      const names = own.names.slice(0, Math.min(left, count));
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
    const [mine, theirs] = [spreadOf(reactions.ours), spreadOf(reactions.bare)];
    const usage = { ours: usageSince(ours.pid, before.ours), bare: usageSince(bare.pid, before.bare) };
    const patches = countPatches(cluster.audit.mutationsSince(from, "tidekeeper/"), own.namespace);
    await ours.kill();
    bare.kill();
    return {
      checks: [
        { what: "reaction, median by the bare loop's", got: part(mine.median, theirs.median), want: null, unit: "x" },
        { what: "reaction, median", got: mine.median, want: MEDIAN_MS, unit: "ms" },
        { what: "reaction, longest", got: mine.max, want: MAX_MS, unit: "ms" },
        { what: "status patches a healing, at most", got: patches.remediation.max, want: 2, unit: "" },
        {
          what: "CPU by the bare loop's",
          got: part(usage.ours.cpuSeconds, usage.bare.cpuSeconds),
          want: null,
          unit: "x",
        },
      ],
      tables: [
        {
          columns: ["", "n", "median", "p90", "p99", "max", "CPU", "memory after"],
          rows: [reactionRow("tidekeeper", mine, usage.ours), reactionRow("bare loop", theirs, usage.bare)],
        },
      ],
      notes: [patchesNote(patches)],
    };
  },
};

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
