/**
 * Replicas share shards; one of them is killed and replaced again and again, while gates are being shut at random.
 *
 * `bun bench/scenarios/shards-killed.ts [--nodes 200] [--shards 16] [--replicas 4] [--seconds 300] [--kill-every 30]
 * [--program dist/tidekeeper] [--logs FOLDER]` runs it alone, on a control plane of its own, and prints what came of it as JSON.
 * It fails when a drift was not healed, got two plans, or a node was written by anybody but the holder of its shard.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { anotherUser } from "../../test/cluster/harness/another-user.ts";
import { type Cluster, cluster, clusterFolder } from "../../test/cluster/harness/cluster.ts";
import { type ControllerProcess, install, startController } from "../../test/cluster/harness/controller.ts";
import { eventually } from "../../test/cluster/harness/eventually.ts";
import { judgeWrites } from "../../test/cluster/harness/shard-owners.ts";
import { type Program, raiseFleet } from "../contenders.ts";
import { machine } from "../machine.ts";
import { type Spread, spreadOf } from "../spread.ts";

/** How much of it. */
export interface ShardsKilledOptions {
  readonly program: Program;
  readonly nodes: number;
  readonly shards: number;
  readonly replicas: number;
  readonly seconds: number;
  readonly killEverySeconds: number;
  /** Where the replicas' logs are written; null = nowhere. */
  readonly logs: string | null;
}

/** What came of it; times in milliseconds. */
export interface ShardsKilled extends Omit<ShardsKilledOptions, "program" | "logs"> {
  readonly kills: number;
  /** Gates that were shut, and those that were opened again by a task. */
  readonly drifts: number;
  readonly healed: number;
  /** From the shut gate to the open one. */
  readonly healMs: Spread;
  /** Tasks that a sidecar was given more than once, under the same id; and drifts that got more than one id. */
  readonly repeatedIds: number;
  readonly doublePlans: number;
  /** Stored writes about nodes, and those by somebody who did not hold the node's shard. */
  readonly writes: number;
  readonly strayWrites: readonly string[];
  /** Replicas that ended without being killed, with their last word: they lost their Lease. */
  readonly endedByThemselves: readonly string[];
  /** From a kill until every shard was held by a live replica again. */
  readonly ownedMs: Spread;
  /** The slowest drifts and the kills, in seconds from the beginning, so that one can be laid beside the other. */
  readonly slowest: readonly { readonly node: string; readonly atSeconds: number; readonly healMs: number }[];
  readonly killedAtSeconds: readonly number[];
}

interface LeaseObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly holderIdentity?: string | null };
}

interface Drift {
  readonly node: string;
  /** Of `performance.now()`. */
  readonly at: number;
  readonly idsBefore: number;
  healedMs: number | null;
  ids: number;
}

/** A sidecar gets no other plan for 10 s after it accepted a task, so its gate is left alone for longer. */
const LEFT_ALONE_MS = 12_000;
const SHUT_EVERY_MS = 250;
const OWNED_WITHIN_MS = 30_000;
const LAST_HEAL_MS = 60_000;

/** Runs it. */
export async function shardsKilled(place: Cluster, options: ShardsKilledOptions): Promise<ShardsKilled> {
  const { program, logs: _logs, ...size } = options;
  const { namespace, names } = await raiseFleet(place, { program, count: size.nodes, prefix: "shards" });
  const first = await install(place, namespace, size.shards);
  const alive = new Map<string, ControllerProcess>();
  const all = new Map<string, ControllerProcess>();
  const ended: string[] = [];
  let started = 0;
  const watchEnd = async (name: string, one: ControllerProcess): Promise<void> => {
    await one.exited;
    if (alive.delete(name)) ended.push(`${name}: ${one.log().trimEnd().split("\n").at(-1) ?? ""}`);
  };
  const start = async (): Promise<void> => {
    const name = `r${started++}`;
    const one = await startController({
      installation: await anotherUser(place, first, name),
      flags: [`--leader-elect-identity=${name}`, `--shards=${size.shards}`],
      ...(program.argv === null ? {} : { program: program.argv }),
    });
    alive.set(name, one);
    all.set(name, one);
    void watchEnd(name, one);
  };
  for (let count = 0; count < size.replicas; count += 1) await start();
  await allOwned(place, { namespace, shards: size.shards, alive });
  const since = place.audit.offset();
  const gates = shutter(place, { namespace, names });
  const beganAt = performance.now();
  const seconds = (at: number): number => Math.round((at - beganAt) / 100) / 10;
  const kills: { readonly atSeconds: number; readonly ownedMs: number }[] = [];
  const endsAt = performance.now() + size.seconds * 1_000;
  while (performance.now() + size.killEverySeconds * 1_000 <= endsAt) {
    await Bun.sleep(size.killEverySeconds * 500);
    const victim = [...alive.keys()][Math.floor(Math.random() * alive.size)] ?? "";
    const killedAt = performance.now();
    const dying = alive.get(victim);
    alive.delete(victim);
    await dying?.kill("SIGKILL");
    const replaced = start();
    await allOwned(place, { namespace, shards: size.shards, alive });
    kills.push({ atSeconds: seconds(killedAt), ownedMs: performance.now() - killedAt });
    await replaced;
    const leftMs = killedAt + size.killEverySeconds * 500 - performance.now();
    if (leftMs > 0) await Bun.sleep(leftMs);
  }
  const drifts = await gates.end();
  const { judged, strays } = judgeWrites(place.audit.mutationsSince(since, "tidekeeper/"), namespace);
  const lives = await place.sidecars.lives({ namespace });
  const posted = lives.flatMap(({ submissions }) => submissions.map(({ id }) => id));
  const last = [...alive.values()];
  alive.clear();
  await Promise.all(last.map((one) => one.kill("SIGTERM")));
  if (options.logs !== null) for (const [name, one] of all) await Bun.write(`${options.logs}/${name}.log`, one.log());
  return {
    ...size,
    kills: kills.length,
    drifts: drifts.length,
    healed: drifts.filter(({ healedMs }) => healedMs !== null).length,
    healMs: spreadOf(drifts.flatMap(({ healedMs }) => healedMs ?? [])),
    repeatedIds: posted.length - new Set(posted).size,
    doublePlans: drifts.filter(({ ids }) => ids > 1).length,
    writes: judged,
    strayWrites: strays,
    endedByThemselves: ended,
    ownedMs: spreadOf(kills.map(({ ownedMs }) => ownedMs)),
    killedAtSeconds: kills.map(({ atSeconds }) => atSeconds),
    slowest: drifts
      .flatMap(({ node, at, healedMs }) =>
        healedMs === null ? [] : [{ node, atSeconds: seconds(at), healMs: Math.round(healedMs) }],
      )
      .toSorted((a, b) => b.healMs - a.healMs)
      .slice(0, 5),
  };
}

/** Waits until every shard is held by a replica that lives. */
function allOwned(
  place: Cluster,
  fleet: { readonly namespace: string; readonly shards: number; readonly alive: ReadonlyMap<string, unknown> },
): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${fleet.namespace}/leases`;
  return eventually(
    "every shard to be owned",
    async () => {
      const leases = await place.api.list<LeaseObject>(path);
      const held = leases.filter(
        ({ metadata, spec }) => metadata.name.startsWith("shard-") && fleet.alive.has(spec?.holderIdentity ?? ""),
      );
      return held.length === fleet.shards ? true : Bun.sleep(50).then(() => false);
    },
    OWNED_WITHIN_MS,
  );
}

/** Shuts gates at random until it is ended, and keeps a book of them. */
function shutter(
  place: Cluster,
  { namespace, names }: { readonly namespace: string; readonly names: readonly string[] },
) {
  const book: Drift[] = [];
  const open = new Map<string, Drift>();
  const freeAt = new Map<string, number>();
  const ending = new AbortController();
  /** Looks which gates were opened; returns what each sidecar was given so far. */
  const look = async (): Promise<ReadonlyMap<string, number>> => {
    const given = new Map<string, number>();
    for (const life of await place.sidecars.lives({ namespace })) {
      const ids = new Set(life.submissions.map(({ id }) => id)).size;
      given.set(life.node, (given.get(life.node) ?? 0) + ids);
      const drift = open.get(life.node);
      if (drift === undefined || !life.ready || life.openedAt === null || life.shutAt === null) continue;
      drift.healedMs = life.openedAt.wall - life.shutAt.wall;
      open.delete(life.node);
      freeAt.set(life.node, performance.now() + LEFT_ALONE_MS);
    }
    return given;
  };
  /** A drift's tasks are counted when its gate is about to be shut anew, or at the end: a second plan comes late. */
  const close = (node: string, given: ReadonlyMap<string, number>): void => {
    const last = book.findLast((drift) => drift.node === node);
    if (last !== undefined) last.ids = (given.get(node) ?? 0) - last.idsBefore;
  };
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const given = await look();
      const rested = names.filter((name) => !open.has(name) && (freeAt.get(name) ?? 0) < performance.now());
      const node = rested[Math.floor(Math.random() * rested.length)];
      if (node !== undefined) {
        close(node, given);
        const drift: Drift = { node, at: performance.now(), idsBefore: given.get(node) ?? 0, healedMs: null, ids: 0 };
        await place.sidecars.shut({ namespace, nodes: [node] });
        book.push(drift);
        open.set(node, drift);
      }
      await Bun.sleep(SHUT_EVERY_MS * (0.5 + Math.random()));
    }
  };
  const working = work();
  return {
    async end(): Promise<readonly Drift[]> {
      ending.abort();
      await working;
      const until = performance.now() + LAST_HEAL_MS;
      while (open.size > 0 && performance.now() < until) {
        await look();
        await Bun.sleep(200);
      }
      await Bun.sleep(LEFT_ALONE_MS);
      const given = await look();
      for (const node of new Set(book.map((drift) => drift.node))) close(node, given);
      return book;
    },
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      nodes: { type: "string", default: "200" },
      shards: { type: "string", default: "16" },
      replicas: { type: "string", default: "4" },
      seconds: { type: "string", default: "300" },
      "kill-every": { type: "string", default: "30" },
      program: { type: "string" },
      logs: { type: "string" },
    },
  });
  const result = await shardsKilled(cluster(), {
    program:
      values.program === undefined ? { name: "sources", argv: null } : { name: values.program, argv: [values.program] },
    nodes: Number(values.nodes),
    shards: Number(values.shards),
    replicas: Number(values.replicas),
    seconds: Number(values.seconds),
    killEverySeconds: Number(values["kill-every"]),
    logs: values.logs ?? null,
  });
  console.log(JSON.stringify({ ...result, machine: machine() }, null, 2));
  const isWell = result.healed === result.drifts && result.doublePlans === 0 && result.strayWrites.length === 0;
  return isWell && result.drifts > 0 && result.writes > 0 ? 0 : 1;
}

if (import.meta.main) {
  if (clusterFolder() === null) {
    const root = new URL("../..", import.meta.url).pathname;
    const again = ["scripts/cluster.sh", "run", "--", process.execPath, import.meta.path, ...process.argv.slice(2)];
    process.exit(spawnSync("bash", again, { cwd: root, stdio: "inherit" }).status ?? 1);
  }
  process.exit(await main());
}
