/**
 * Pods are replaced, and their sidecars take 0 to 20 s more to answer at all. Reaction = from the moment the shut gate
 * could be seen (the Pod's address committed and the sidecar listening, by the sidecar's clock) to the accepted POST.
 */
import { part, reactionRow } from "../reaction-row.ts";
import { msEach, startClock } from "../api-server.ts";
import { raiseFleet, startBare, startOurs } from "../contenders.ts";
import { untilAtRest } from "../fleet/at-rest.ts";
import { replaceByKubernetes } from "../replaced-by-kubernetes.ts";
import type { Scenario } from "../scenario.ts";
import { spreadOf } from "../spread.ts";
import { countPatches, patchesNote } from "../status-patches.ts";
import { usageOf, usageSince } from "../usage.ts";
import { podReplacedInTurn, START_DELAY_MS } from "./pod-replaced-in-turn.ts";

const NODES = 10;
const REPLACEMENTS = 50;
const AT_REST_MS = 20_000;
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
  inTurn: podReplacedInTurn,
  async run({ cluster, program, history, nodes, say }) {
    const count = nodes ?? NODES;
    const own = await raiseFleet(cluster, { program, history, count, prefix: "ours" });
    const other = await raiseFleet(cluster, { program, history, count, prefix: "bare" });
    const ours = await startOurs(cluster, { program, namespace: own.namespace });
    const bare = startBare(cluster, other.namespace);
    await bare.order("follow");
    for (const { namespace } of [own, other])
      await cluster.sidecars.behave({ startDelayMs: START_DELAY_MS }, { namespace });
    await Bun.sleep(2000);
    const before = { ours: usageOf(ours.pid), bare: usageOf(bare.pid) };
    const from = cluster.audit.offset();
    const apiSeconds = startClock(cluster);
    const reactions = { ours: new Array<number>(), bare: new Array<number>() };
    for (let left = REPLACEMENTS; left > 0; left -= count) {
      say(`${left} replacements to go`);
      const names = own.names.slice(0, Math.min(left, count));
      const [mine = [], theirs = []] = await replaceByKubernetes(cluster, [own, other], names);
      reactions.ours.push(...mine);
      reactions.bare.push(...theirs);
      await untilAtRest(cluster, own.namespace, AT_REST_MS);
    }
    const apiUsed = apiSeconds();
    const [mine, theirs] = [spreadOf(reactions.ours), spreadOf(reactions.bare)];
    const usage = { ours: usageSince(ours.pid, before.ours), bare: usageSince(bare.pid, before.bare) };
    const entries = cluster.audit.mutationsSince(from);
    const patches = countPatches(entries, own.namespace);
    const all = patches.patches + countPatches(entries, other.namespace).patches;
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
      notes: [
        patchesNote(patches),
        `The API server's CPU meanwhile, of both, with all that Kubernetes itself asked of it to replace a Pod: ${msEach(apiUsed, reactions.ours.length + reactions.bare.length)} ms a healing, ${msEach(apiUsed, all)} ms a status patch.`,
      ],
    };
  },
};
