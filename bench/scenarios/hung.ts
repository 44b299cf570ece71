/** Some gates are shut while other sidecars take connections and never answer. */
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { apiNote, startClock } from "../api-server.ts";
import { startOnFleet } from "../fleet/ours.ts";
import { wallMs } from "../fleet/player-orders.ts";
import { buildStage, type Stage } from "../fleet/stage.ts";
import type { Scenario } from "../scenario.ts";
import { type Spread, spreadOf } from "../spread.ts";
import { countPatches } from "../status-patches.ts";

const NODES = 1000;
const SHUT = 160;
const HUNG = 50;
const SETTLE_MS = 15_000;
const ROUND_MS = 120_000;
const ALLOWED = 1.5;

/** The scenario. */
export const hung: Scenario = {
  name: "hung",
  title: "Neighbours that never answer",
  about: [
    `Of 1,000 nodes ${SHUT} gates are shut at once, without any Kubernetes event; first in a fleet where all else is well, then, in the same run, while the sidecars of ${HUNG} other nodes take connections and never answer. Measured from the moment the gates are shut until each is marked ready. The poll, every 10 s, is most of it.`,
  ],
  async run({ cluster, program, history, nodes, say }) {
    const count = nodes ?? NODES;
    const stage = await buildStage(cluster, { program, history });
    const fleet = await stage.raise(count);
    const { process } = await startOnFleet(stage, fleet);
    const every = Math.floor(count / SHUT);
    const pick = (offset: number): readonly string[] =>
      fleet.ips.filter((_, index) => index % every === offset).slice(0, SHUT);
    await Bun.sleep(SETTLE_MS);
    const from = cluster.audit.offset();
    const apiSeconds = startClock(cluster);
    const well = await timesOf(stage, pick(0));
    say(`all well: p99 ${well.p99} ms`);
    const others = fleet.ips.filter((_, index) => index % every === 2).slice(0, HUNG);
    await stage.player.hang(others, true);
    await Bun.sleep(SETTLE_MS);
    const beside = await timesOf(stage, pick(1));
    say(`beside ${HUNG} hung ones: p99 ${beside.p99} ms`);
    const apiUsed = apiSeconds();
    const patches = countPatches(cluster.audit.mutationsSince(from, "tidekeeper/"), fleet.namespace);
    await process.kill("SIGKILL");
    const row = (title: string, { median, p90, p99, max }: Spread) =>
      [title, `${median} ms`, `${p90} ms`, `${p99} ms`, `${max} ms`] as const;
    return {
      checks: [
        {
          what: "p99 beside hung sidecars by p99 without them",
          got: Math.round((beside.p99 / well.p99) * 100) / 100,
          want: ALLOWED,
          unit: "x",
        },
      ],
      tables: [
        {
          columns: [`until ${SHUT} of ${count} are marked ready`, "median", "p90", "p99", "max"],
          rows: [row("all others well", well), row(`${HUNG} others hung`, beside)],
        },
      ],
      notes: [apiNote(apiUsed, patches)],
    };
  },
};

async function timesOf({ player }: Stage, ips: readonly string[]): Promise<Spread> {
  const at = wallMs();
  await player.shut(ips);
  await eventually(
    "every gate to be marked ready",
    async () => {
      await Bun.sleep(250);
      return (await player.probes(ips)).unmarked === 0;
    },
    ROUND_MS,
  );
  return spreadOf((await player.tell(ips)).map((life) => (life?.markedAt ?? Number.NaN) - at));
}
