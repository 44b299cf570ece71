/** Many Pods replaced, two programs in turn. */
import { msEach } from "../api-server.ts";
import { untilAtRest } from "../fleet/at-rest.ts";
import type { Clone } from "../fleet/clone.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { type BigFleet, layGround, type Stage } from "../fleet/stage.ts";
import { type Reactions, REPLACED, reactions } from "../reactions.ts";
import type { InTurn } from "../scenario.ts";
import { countPatches, type PatchCount } from "../status-patches.ts";
import { type Figure, forBoth, oneByOne } from "../turns.ts";

const NODES = 400;
/** Half of the fleet in turn, as densely as a thousand within a minute. */
const EACH_MS = 60;
const SETTLE_MS = 2000;
const AT_REST_MS = 120_000;

/** A fleet whose Pods change their addresses. */
interface Contender {
  readonly stage: Stage;
  readonly namespace: string;
  /** Those that are replaced next come first. */
  clones: readonly Clone[];
}

/** One program alive at a time. */
export const podsReplacedInTurn: InTurn = {
  about: [
    `Each round, for each program: it is started on its own fleet of ${NODES} nodes, half of the Pods are replaced, one every ${EACH_MS} ms as above, and when every plan is closed it is ended. The next round replaces the other half.`,
  ],
  async setUp({ cluster, programs, history, nodes, say }) {
    const count = nodes ?? NODES;
    const ground = await layGround(cluster);
    const stages = await forBoth((side) => ground.stageFor({ program: programs[side], history }));
    ground.still();
    say(`raising twice ${count} nodes`);
    const contenders = await forBoth(async (side): Promise<Contender> => {
      const stage = stages[side];
      const fleet = await stage.raise(count, { ownListeners: true });
      return { stage, namespace: fleet.namespace, clones: fleet.clones };
    });
    await forBoth((side) => settle(contenders[side]));
    return {
      async round(order) {
        const seen = await oneByOne(order, (side) => measure(contenders[side]));
        say(`median: ours ${seen.ours.spread.median} ms, the other ${seen.other.spread.median} ms`);
        return { ours: figuresOf(seen.ours), other: figuresOf(seen.other) };
      },
      end: async () => ({ checks: [], tables: [], notes: [REPLACED] }),
    };
  },
};

/** What a program still has to write on a fleet that was raised, it writes before anything is measured. */
async function settle(contender: Contender): Promise<void> {
  const { process } = await startOnFleet(contender.stage, fleetOf(contender));
  await untilAtRest(contender.stage.cluster, contender.namespace, AT_REST_MS);
  await process.kill();
}

interface Measured extends Reactions {
  readonly patches: PatchCount;
}

async function measure(contender: Contender): Promise<Measured> {
  const { stage, namespace, clones } = contender;
  const { process } = await startOnFleet(stage, fleetOf(contender));
  await Bun.sleep(SETTLE_MS);
  const from = stage.cluster.audit.offset();
  const half = Math.ceil(clones.length / 2);
  const next = { namespace, clones: clones.slice(0, half) };
  const seen = await reactions(stage, next, { pid: process.pid, overMs: half * EACH_MS });
  await untilAtRest(stage.cluster, namespace, AT_REST_MS);
  const patches = countPatches(stage.cluster.audit.mutationsSince(from, "tidekeeper/"), namespace);
  await process.kill();
  contender.clones = [...clones.slice(half), ...seen.replaced];
  await stage.rewind(fleetOf(contender));
  return { ...seen, patches };
}

function fleetOf({ namespace, clones }: Contender): BigFleet {
  return { namespace, clones, ips: clones.map(({ ip }) => ip) };
}

function figuresOf({ spread, usage, apiSeconds, replaced, patches }: Measured): readonly Figure[] {
  return [
    { what: "reaction, median", unit: "ms", value: spread.median },
    { what: "reaction, p90", unit: "ms", value: spread.p90 },
    { what: "reaction, p99", unit: "ms", value: spread.p99 },
    { what: "CPU of the program a healing", unit: "ms", value: msEach(usage.cpuSeconds, replaced.length) },
    { what: "CPU of the API server a healing", unit: "ms", value: msEach(apiSeconds, replaced.length) },
    { what: "CPU of the API server a status patch", unit: "ms", value: msEach(apiSeconds, patches.patches) },
    { what: "status patches a healing, at most", unit: "", value: patches.remediation.max },
    { what: "memory after", unit: "MB", value: usage.rssMb },
  ];
}
