/** All subjects of one run, side by side. */
import type { Cluster } from "../../test/cluster/harness/cluster.ts";
import { install, startController } from "../../test/cluster/harness/controller.ts";
import { bringUp } from "../../test/cluster/harness/fleet.ts";
import { dice } from "../../test/simulation/dice.ts";
import type { Spec } from "./edits.ts";
import { Difference, Subject, type Tally } from "./subject.ts";

/** How many edits, and how they are dealt out. */
export interface RunOptions {
  readonly edits: number;
  readonly seed: number;
  /** Edits of one node between two comparisons. */
  readonly every: number;
  readonly nodes: number;
  readonly pauseMs: number;
  readonly tell: (line: string) => void;
}

/** What came of it; `difference` is null when there was none. */
export interface Outcome extends Tally {
  readonly difference: string | null;
  readonly seconds: number;
}

const BASE = { chainId: "sei-test", image: "sei:1" };
const PEERS = [{ static: { addresses: [`${"cd".repeat(20)}@first.example.test:26656`] } }];

/** Where subjects begin: every mode, and sources of state that need nothing but a sidecar. */
const BEGINNINGS: readonly Spec[] = [
  { ...BASE, fullNode: {} },
  { ...BASE, archive: {} },
  { ...BASE, validator: {} },
  { ...BASE, peers: PEERS, replayer: { snapshot: { s3: { targetHeight: 9 } } } },
  { ...BASE, fullNode: { snapshot: { stateSync: {} } } },
  { ...BASE, validator: { snapshot: { s3: { targetHeight: 9 } } } },
  { ...BASE, fullNode: { snapshotGeneration: { tendermint: { keepRecent: 3 } } } },
  { ...BASE, archive: { snapshotGeneration: { tendermint: { keepRecent: 2, publish: {} } } } },
];

/** Runs in a namespace of its own; ends at the first difference. */
export async function runRandomEdits(cluster: Cluster, options: RunOptions): Promise<Outcome> {
  const { edits, seed, every, nodes, pauseMs, tell } = options;
  const startedAt = performance.now();
  const namespace = await cluster.namespace("random");
  const controller = await startController({
    installation: await install(cluster, namespace),
    // Every subject may take up the platform's sidecar at once: waiting for a place is not what is asked here.
    flags: ["--max-unavailable=100%"],
  });
  const tally: Tally = { edits: 0, refused: 0, mistakes: 0, kills: 0, recreated: 0, comparisons: 0 };
  const chance = dice(seed);
  const subjects = Array.from({ length: nodes }, (_, index) => {
    const spec = BEGINNINGS[index % BEGINNINGS.length] ?? BASE;
    return new Subject({ cluster, namespace, name: `subject-${index}x`, spec, dice: chance.fork(), tally, pauseMs });
  });
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  const waits = (): string => {
    const long = subjects.flatMap(({ waiting }) =>
      waiting !== null && performance.now() - waiting.since > 30_000 ? [waiting.what] : [],
    );
    return long.length === 0 ? "" : `; waits for ${long.join(", ")}`;
  };
  const progress = setInterval(() => tell(`${seconds().toFixed(0)} s: ${told(tally, edits)}${waits()}`), 10_000);
  const over = { is: false };
  const drive = async (subject: Subject): Promise<void> => {
    const share = Math.ceil(edits / nodes);
    await subject.begin();
    for (let next = every; subject.edits < share && !over.is; next += every) {
      while (subject.edits < Math.min(next, share) && !over.is) await subject.step();
      if (!over.is) await subject.compare();
    }
  };
  try {
    await cluster.sidecars.behave({ startDelayMs: [0, 50] }, { namespace });
    await bringUp(cluster.api, { namespace, names: ["peer"] });
    await cluster.api.patch(`/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes/peer`, {
      metadata: { labels: { role: "peer" } },
    });
    const stopped = async (subject: Subject): Promise<string | null> => {
      try {
        await drive(subject);
        return null;
      } catch (error) {
        if (over.is) return null;
        over.is = true;
        return error instanceof Difference ? error.message : String(error instanceof Error ? error.stack : error);
      }
    };
    const ends = await Promise.all(subjects.map(stopped));
    return { ...tally, difference: ends.find((end) => end !== null) ?? null, seconds: seconds() };
  } finally {
    clearInterval(progress);
    await controller.kill();
  }
}

/** The counts in one line. */
export function told(tally: Tally, wanted: number): string {
  const { edits, refused, mistakes, kills, recreated, comparisons } = tally;
  return `${edits} of ${wanted} edits, ${refused} refused, ${mistakes} mistakes taken back, ${kills} Pods killed, ${recreated} nodes made anew, ${comparisons} comparisons`;
}
