/** Pods that Kubernetes replaces, two programs at the same time. */
import { msEach, startClock } from "../api-server.ts";
import { raiseFleet, startOurs } from "../contenders.ts";
import { untilAtRest } from "../fleet/at-rest.ts";
import { historyOf, writeHistory } from "../fleet/history.ts";
import { replaceByKubernetes } from "../replaced-by-kubernetes.ts";
import type { InTurn } from "../scenario.ts";
import { type Figure, forBoth, medianOf, oneByOne } from "../turns.ts";
import { spreadOf } from "../spread.ts";
import { countPatches, type PatchCount } from "../status-patches.ts";
import { type Usage, usageOf, usageSince } from "../usage.ts";

const NODES = 12;
/** From the container running to the sidecar's first answer. */
export const START_DELAY_MS = [0, 20_000] as const;
const SETTLE_MS = 2000;
const AT_REST_MS = 30_000;

/** Both at once: most of a round is waiting for sidecars. */
export const podReplacedInTurn: InTurn = {
  about: [
    `Both programs at the same time, each with ${NODES} nodes of its own; each round replaces every Pod of both fleets once, node by node in both, in the one fleet a moment before the other, which one in turn.`,
  ],
  async setUp({ cluster, programs, history, nodes, say }) {
    const count = nodes ?? NODES;
    const fleets = await forBoth((side) =>
      raiseFleet(cluster, { program: programs[side], history, count, prefix: side }),
    );
    const pasts = await forBoth((side) => historyOf(cluster.api, fleets[side].namespace, fleets[side].names[0] ?? ""));
    const processes = await forBoth((side) =>
      startOurs(cluster, { program: programs[side], namespace: fleets[side].namespace }),
    );
    for (const { namespace } of Object.values(fleets)) {
      await cluster.sidecars.behave({ startDelayMs: START_DELAY_MS }, { namespace });
      await untilAtRest(cluster, namespace, AT_REST_MS);
    }
    await Bun.sleep(SETTLE_MS);
    const api: number[] = [];
    return {
      async round(order) {
        const from = cluster.audit.offset();
        const before = await forBoth(async (side) => usageOf(processes[side].pid));
        const apiSeconds = startClock(cluster);
        const ordered = order.map((side) => fleets[side]);
        const [first = [], second = []] = await replaceByKubernetes(cluster, ordered, fleets.ours.names);
        for (const { namespace } of ordered) await untilAtRest(cluster, namespace, AT_REST_MS);
        api.push(msEach(apiSeconds(), first.length + second.length));
        const entries = cluster.audit.mutationsSince(from, "tidekeeper/");
        const round = await oneByOne(order, async (side) =>
          figuresOf({
            reactions: side === order[0] ? first : second,
            usage: usageSince(processes[side].pid, before[side]),
            patches: countPatches(entries, fleets[side].namespace),
          }),
        );
        say(`median: ours ${round.ours[0]?.value} ms, the other ${round.other[0]?.value} ms`);
        if (history === "empty") await forBoth((side) => writeHistory(cluster.api, fleets[side], pasts[side]));
        return round;
      },
      async end() {
        await forBoth((side) => processes[side].kill());
        const note = `The API server's CPU, with all that Kubernetes itself asked of it to replace a Pod: ${medianOf(api)} ms a healing of either, median of the rounds; who caused it cannot be told apart here.`;
        return { checks: [], tables: [], notes: [note] };
      },
    };
  },
};

interface Seen {
  readonly reactions: readonly number[];
  readonly usage: Usage;
  readonly patches: PatchCount;
}

function figuresOf({ reactions, usage, patches }: Seen): readonly Figure[] {
  const { median, max } = spreadOf(reactions);
  return [
    { what: "reaction, median", unit: "ms", value: median },
    { what: "reaction, longest", unit: "ms", value: max },
    { what: "CPU of the program a healing", unit: "ms", value: msEach(usage.cpuSeconds, reactions.length) },
    { what: "status patches a healing, at most", unit: "", value: patches.remediation.max },
    { what: "memory after", unit: "MB", value: usage.rssMb },
  ];
}
