/** Replicas share shards; one of them is killed and replaced again and again, while gates are being shut at random. */
import { apiNote, startClock } from "../api-server.ts";
import { deployedEnv } from "../fleet/deployed-env.ts";
import { anotherUser } from "../../test/cluster/harness/another-user.ts";
import { type ControllerProcess, install, startController } from "../../test/cluster/harness/controller.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { type Judgement, judgeWrites } from "../../test/cluster/harness/shard-owners.ts";
import { type BigFleet, buildStage, type Stage } from "../fleet/stage.ts";
import { type Drift, startShutter } from "../fleet/shutter.ts";
import type { Outcome, Scenario } from "../scenario.ts";
import { type Spread, spreadOf } from "../spread.ts";
import { countPatches, type PatchCount } from "../status-patches.ts";

const NODES = 10_000;
const SHARDS = 16;
const REPLICAS = 4;
const KILLS = 10;
const KILL_EVERY_MS = 30_000;
const OWNED_WITHIN_MS = 120_000;
/** A dead replica's shards move within this. */
const MOVED_MS = 20_000;

/** The scenario. */
export const shardsKilled: Scenario = {
  name: "shards-killed",
  title: "Replicas that share shards, killed again and again",
  about: [
    `${REPLICAS} replicas share ${SHARDS} shards of 10,000 nodes, each as a user of its own with exactly the permissions that \`tidekeeper manifests\` prints. Every ${KILL_EVERY_MS / 1000} s for ${(KILLS * KILL_EVERY_MS) / 60_000} minutes one of them, by chance, is killed with SIGKILL and another one started at once, while all along the gates of nodes are shut by chance, two or three a second, without any Kubernetes event.`,
    "A drift is healed when its sidecar accepted a task. By the sidecars' own books no drift may get two, and no task id come twice. By the API server's audit log no write about a node may come from anybody but the holder of its shard's Lease.",
  ],
  async run({ cluster, program, history, nodes, say }) {
    const stage = await buildStage(cluster, { program, history });
    const fleet = await stage.raise(nodes ?? NODES);
    say(`starting ${REPLICAS} replicas on ${fleet.clones.length} nodes`);
    // From the first Lease on: a holder is told of where it took or renewed one.
    const since = cluster.audit.offset();
    const crew = await createCrew(stage, fleet);
    for (let count = 0; count < REPLICAS; count += 1) await crew.start();
    const firstMs = await crew.allOwned();
    say(`every shard has its owner after ${Math.round(firstMs)} ms`);
    const apiSeconds = startClock(cluster);
    const gates = startShutter(stage.player, fleet.ips);
    const moves: number[] = [];
    while (moves.length < KILLS) {
      const nextAt = performance.now() + KILL_EVERY_MS;
      await Bun.sleep(KILL_EVERY_MS / 2);
      moves.push(await crew.killOne());
      say(`kill ${moves.length}: shards moved in ${Math.round(moves.at(-1) ?? 0)} ms; ${gates.open} gates shut`);
      await Bun.sleep(Math.max(0, nextAt - performance.now()));
    }
    const drifts = await gates.end();
    const apiUsed = apiSeconds();
    const entries = cluster.audit.mutationsSince(since, "tidekeeper/");
    const writes = judgeWrites(entries, fleet.namespace);
    const patches = countPatches(entries, fleet.namespace);
    const given = (await stage.player.tell(fleet.ips)).flatMap((life) => life?.tasks ?? []);
    await crew.end();
    return outcomeOf({ drifts, writes, given, moves: spreadOf(moves), ended: crew.ended, apiUsed, patches });
  },
};

interface Crew {
  start(): Promise<void>;
  /** Kills one by chance and starts another; resolves with the milliseconds until each shard was a live one's again. */
  killOne(): Promise<number>;
  /** Resolves when each shard is a live replica's, with the milliseconds that took. */
  allOwned(): Promise<number>;
  end(): Promise<void>;
  /** Replicas that ended without being killed, with their last word. */
  readonly ended: readonly string[];
}

async function createCrew({ cluster, program }: Stage, { namespace }: BigFleet): Promise<Crew> {
  const first = await install(cluster, namespace, SHARDS);
  const alive = new Map<string, ControllerProcess>();
  const ended: string[] = [];
  let started = 0;
  const noteEnd = async (name: string, one: ControllerProcess): Promise<void> => {
    await one.exited;
    if (alive.delete(name)) ended.push(`${name}: ${one.log().trimEnd().split("\n").at(-1) ?? ""}`);
  };
  const start = async (): Promise<void> => {
    const name = `r${started++}`;
    const one = await startController({
      installation: await anotherUser(cluster, first, name),
      flags: [`--leader-elect-identity=${name}`, `--shards=${SHARDS}`],
      untilReady: false,
      env: deployedEnv,
      ...(program.argv === null ? {} : { program: program.argv }),
    });
    alive.set(name, one);
    void noteEnd(name, one);
  };
  const allOwned = async (): Promise<number> => {
    const from = performance.now();
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    const areOwned = async (): Promise<boolean> => {
      await Bun.sleep(100);
      const leases = await cluster.api.list<LeaseObject>(path);
      const isHeld = ({ metadata, spec }: LeaseObject): boolean =>
        metadata.name.startsWith("shard-") && alive.has(spec?.holderIdentity ?? "");
      return leases.filter(isHeld).length === SHARDS;
    };
    await eventually("every shard to be owned", areOwned, OWNED_WITHIN_MS);
    return performance.now() - from;
  };
  return {
    ended,
    start,
    allOwned,
    async killOne() {
      const victim = [...alive.keys()][Math.floor(Math.random() * alive.size)] ?? "";
      const dying = alive.get(victim);
      alive.delete(victim);
      await dying?.kill("SIGKILL");
      await start();
      return allOwned();
    },
    async end() {
      const last = [...alive.values()];
      alive.clear();
      await Promise.all(last.map((one) => one.kill("SIGKILL")));
    },
  };
}

interface LeaseObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly holderIdentity?: string | null };
}

interface Seen {
  readonly drifts: readonly Drift[];
  readonly writes: Judgement;
  /** Ids of all tasks that any sidecar was given. */
  readonly given: readonly string[];
  /** Milliseconds from each kill until every shard was a live replica's. */
  readonly moves: Spread;
  readonly ended: readonly string[];
  /** Seconds of CPU of the API server. */
  readonly apiUsed: number;
  readonly patches: PatchCount;
}

function outcomeOf({ drifts, writes, given, moves, ended, apiUsed, patches }: Seen): Outcome {
  const healed = drifts.flatMap(({ healedMs }) => healedMs ?? []);
  const heals = spreadOf(healed);
  const repeated = given.length - new Set(given).size;
  const row = (title: string, { n, median, p90, p99, max }: Spread) =>
    [title, n, `${median} ms`, `${p90} ms`, `${p99} ms`, `${max} ms`] as const;
  return {
    checks: [
      { what: "drifts that were not healed", got: drifts.length - healed.length, want: 0, unit: "" },
      { what: "drifts that got two tasks", got: drifts.filter(({ ids }) => ids > 1).length, want: 0, unit: "" },
      { what: "task ids that came twice", got: repeated, want: 0, unit: "" },
      { what: "writes by somebody who did not hold the shard", got: writes.strays.length, want: 0, unit: "" },
      { what: "replicas that ended without being killed", got: ended.length, want: 0, unit: "" },
      { what: "a dead replica's shards move within, at most", got: moves.max, want: MOVED_MS, unit: "ms" },
    ],
    tables: [
      {
        columns: ["", "n", "median", "p90", "p99", "max"],
        rows: [row("from the shut gate to the accepted task", heals), row("from a kill until all shards moved", moves)],
      },
    ],
    notes: [
      `${apiNote(apiUsed, patches)} The first lists of replicas that were started are in it, of all nodes each.`,
      `${moves.n} kills, ${drifts.length} drifts, ${writes.judged} writes about nodes.`,
      ...writes.strays.slice(0, 3),
      ...ended.slice(0, 3),
    ],
  };
}
