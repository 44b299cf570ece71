/** A fleet whose Pods are all replaced within a minute, as by a drain of its nodes one after the other. */
import { part, reactionRow } from "../reaction-row.ts";
import { apiNote, msEach } from "../api-server.ts";
import { startBare } from "../contenders.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { buildStage } from "../fleet/stage.ts";
import { reactions, REPLACED } from "../reactions.ts";
import type { Scenario } from "../scenario.ts";
import { countPatches, patchesNote } from "../status-patches.ts";
import { podsReplacedInTurn } from "./pods-replaced-in-turn.ts";

const NODES = 1000;
const OVER_MS = 60_000;
const SETTLE_MS = 5000;
const MEDIAN_MS = 100;
const P99_MS = 1000;

/** The scenario. */
export const podsReplaced: Scenario = {
  name: "pods-replaced",
  title: "Every Pod of a fleet replaced within a minute",
  about: [
    "1,000 Pods, one after the other over a minute: deleted, made anew under another UID, and given another address; the benchmark does what the StatefulSet controller, the scheduler and a kubelet would. Each new sidecar takes connections 1 to 5 s after its Pod has an address, its gate shut. Reaction = from the moment it could be asked to the accepted POST.",
    "The bare loop does the same on a fleet of its own, in the same run, after ours.",
  ],
  inTurn: podsReplacedInTurn,
  async run({ cluster, program, history, nodes, say }) {
    const count = nodes ?? NODES;
    const stage = await buildStage(cluster, { program, history });
    const [own, other] = [
      await stage.raise(count, { ownListeners: true }),
      await stage.raise(count, { bare: true, ownListeners: true }),
    ];
    const { process } = await startOnFleet(stage, own);
    await Bun.sleep(SETTLE_MS);
    say(`replacing ${count} Pods`);
    const from = cluster.audit.offset();
    const ours = await reactions(stage, own, { pid: process.pid, overMs: OVER_MS });
    await Bun.sleep(SETTLE_MS);
    const patches = countPatches(cluster.audit.mutationsSince(from, "tidekeeper/"), own.namespace);
    await process.kill("SIGKILL");
    say(`ours: median ${ours.spread.median} ms, p99 ${ours.spread.p99} ms`);
    const loop = startBare(cluster, other.namespace);
    await loop.order("follow");
    const bare = await reactions(stage, other, { pid: loop.pid, overMs: OVER_MS });
    loop.kill();
    say(`bare loop: median ${bare.spread.median} ms, p99 ${bare.spread.p99} ms`);
    return {
      checks: [
        {
          what: "reaction, median by the bare loop's",
          got: part(ours.spread.median, bare.spread.median),
          want: null,
          unit: "x",
        },
        { what: "reaction, median", got: ours.spread.median, want: MEDIAN_MS, unit: "ms" },
        { what: "reaction, p99", got: ours.spread.p99, want: P99_MS, unit: "ms" },
        { what: "status patches a healing, at most", got: patches.remediation.max, want: 2, unit: "" },
        {
          what: "CPU by the bare loop's",
          got: part(ours.usage.cpuSeconds, bare.usage.cpuSeconds),
          want: null,
          unit: "x",
        },
      ],
      tables: [
        {
          columns: ["", "n", "median", "p90", "p99", "max", "CPU", "memory after"],
          rows: [reactionRow("tidekeeper", ours.spread, ours.usage), reactionRow("bare loop", bare.spread, bare.usage)],
        },
      ],
      notes: [
        patchesNote(patches),
        `${apiNote(ours.apiSeconds, patches)} Beside the bare loop: ${msEach(bare.apiSeconds, count)} ms a healing. ${REPLACED}`,
      ],
    };
  },
};
