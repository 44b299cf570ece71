/** Several replicas at once on one fleet: each node by the holder of its shard alone, whoever comes, goes or dies. */
import { afterEach, expect, test } from "bun:test";
import { shardOf } from "../../src/kube/lease/index.ts";
import { anotherUser } from "./harness/another-user.ts";
import { type ControllerProcess, install, startController } from "./harness/controller.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { bringUp, isAtRest, untilNode } from "./harness/fleet.ts";
import { judgeWrites } from "./harness/shard-owners.ts";

const SLOW_MS = 180_000;
const SHARDS = 8;
/** For 10 s after an accepted task its sidecar gets no other plan. */
const HEAL_MS = 20_000;

interface LeaseObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly holderIdentity?: string | null };
}

describeCluster("shards", (cluster) => {
  const { api, namespace, sidecars, audit } = cluster;
  const running = new Set<ControllerProcess>();
  afterEach(async () => {
    await Promise.all([...running].map((one) => one.kill("SIGKILL")));
    running.clear();
  }, SLOW_MS);

  /** A fleet, and replicas that each have a user and an identity of the same name. */
  const town = async (count: number) => {
    const space = await namespace("shards");
    const first = await install(cluster, space, SHARDS);
    const since = audit.offset();
    const start = async (name: string, shards = SHARDS): Promise<ControllerProcess> => {
      const one = await startController({
        installation: await anotherUser(cluster, first, name),
        flags: [`--leader-elect-identity=${name}`, "--probe-interval=1s", `--shards=${shards}`],
      });
      running.add(one);
      return one;
    };
    const names = Array.from({ length: count }, (_one, index) => `n${index}`);
    /** Shards by holder. */
    const held = async (): Promise<Readonly<Record<string, readonly number[]>>> => {
      const leases = await api.list<LeaseObject>(`/apis/coordination.k8s.io/v1/namespaces/${space}/leases`);
      const found: Record<string, number[]> = {};
      for (const { metadata, spec } of leases) {
        const shard = /^shard-(\d+)\./.exec(metadata.name)?.[1];
        const holder = spec?.holderIdentity ?? "";
        if (shard !== undefined && holder !== "") (found[holder] ??= []).push(Number(shard));
      }
      return found;
    };
    const shares = async (wanted: Readonly<Record<string, number>>, withinMs: number): Promise<void> => {
      const now = async () =>
        Object.fromEntries(Object.entries(await held()).map(([holder, shards]) => [holder, shards.length]));
      try {
        await eventually("the shares", async () => Bun.deepEquals(await now(), wanted), withinMs);
      } catch {
        expect(await now()).toEqual(wanted);
      }
    };
    const ids = async (name: string): Promise<ReadonlySet<string>> => {
      const lives = await sidecars.lives({ namespace: space, nodes: [name] });
      return new Set(lives.flatMap(({ submissions }) => submissions.map(({ id }) => id)));
    };
    /** Shuts the gates; resolves when each node was given exactly one task more, and no second one follows. */
    const heal = async (nodes: readonly string[], withinMs = HEAL_MS): Promise<void> => {
      const before = new Map(await Promise.all(nodes.map(async (name) => [name, (await ids(name)).size] as const)));
      expect(await sidecars.shut({ namespace: space, nodes })).toBe(nodes.length);
      await healed(nodes, before, withinMs);
    };
    const healed = async (
      nodes: readonly string[],
      before: ReadonlyMap<string, number>,
      withinMs: number,
    ): Promise<void> => {
      const more = async () => Promise.all(nodes.map(async (name) => (await ids(name)).size - (before.get(name) ?? 0)));
      await eventually("every gate to be opened", async () => (await more()).every((count) => count > 0), withinMs);
      // Whoever dies before its plan is closed leaves 10 s of grace to its heir.
      for (const name of nodes) await untilNode(api, { namespace: space, name }, isAtRest);
      expect(await more()).toEqual(nodes.map(() => 1));
    };
    const nodesOf = (shards: readonly number[]): readonly string[] =>
      names.filter((name) => shards.includes(shardOf(`${space}/${name}`, SHARDS)));
    /** Every write about a node was by the holder of its shard. */
    const strays = (): readonly string[] => {
      const { judged, strays: found } = judgeWrites(audit.mutationsSince(since, "tidekeeper/"), space);
      // Each node was brought up and healed more than once: several writes each.
      expect(judged).toBeGreaterThan(5 * count);
      return found;
    };
    return { space, start, names, held, shares, heal, nodesOf, strays };
  };

  test(
    "three share eight shards fairly; one killed, its shards move within 20 s, and a drift on each of its nodes is healed",
    async () => {
      const { start, names, held, shares, heal, nodesOf, strays, space } = await town(16);
      const replicas = new Map<string, ControllerProcess>();
      for (const name of ["r0", "r1", "r2"]) replicas.set(name, await start(name));
      await shares({ r0: 3, r1: 3, r2: 2 }, 20_000);
      await bringUp(api, { namespace: space, names });
      await heal(names);
      expect(await fetch(`${replicas.get("r0")?.healthUrl}/readyz?verbose`).then((reply) => reply.text())).toMatch(
        /\[\+\]shards ok: 3 of 8 held: \d, \d, \d; 3 replicas share them/,
      );
      const victim = "r1";
      const lost = (await held())[victim] ?? [];
      const kept = { r0: (await held())["r0"], r2: (await held())["r2"] };
      await replicas.get(victim)?.kill("SIGKILL");
      const diedAt = performance.now();
      await sidecars.shut({ namespace: space, nodes: nodesOf(lost) });
      await shares({ r0: 4, r2: 4 }, 20_000);
      const movedMs = performance.now() - diedAt;
      expect(movedMs).toBeLessThan(20_000);
      // What was not the dead one's did not move.
      const now = await held();
      for (const [name, shardsKept] of Object.entries(kept))
        expect(now[name]).toEqual(expect.arrayContaining([...(shardsKept ?? [])]));
      const closed = async () => {
        const lives = await sidecars.lives({ namespace: space, nodes: nodesOf(lost) });
        return lives.filter(({ endedAt, ready }) => endedAt === null && !ready).length === 0;
      };
      await eventually("the dead one's nodes to be healed", closed, 20_000 - movedMs + 5_000);
      await heal(names);
      expect(strays()).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "newcomers get their share while gates are being shut, and no node is worked on by two",
    async () => {
      const { start, names, shares, heal, strays, space } = await town(16);
      await start("r0");
      await start("r1");
      await shares({ r0: 4, r1: 4 }, 20_000);
      await bringUp(api, { namespace: space, names });
      const third = start("r2");
      await heal(names);
      const r2 = await third;
      await shares({ r0: 3, r1: 3, r2: 2 }, 20_000);
      await Bun.sleep(10_000);
      const fourth = start("r3");
      await heal(names);
      await fourth;
      await shares({ r0: 2, r1: 2, r2: 2, r3: 2 }, 20_000);
      await Bun.sleep(10_000);
      await heal(names);
      const page = await fetch(r2.metricsUrl).then((reply) => reply.text());
      const told = [...page.matchAll(/^tidekeeper_shard_owned\{shard="\d"\} 1$/gm)].length;
      const nodes = [...page.matchAll(/^sei_controller_seinode_sidecar_ready\{/gm)].length;
      expect([told, /^tidekeeper_shards 8$/m.test(page), nodes < names.length]).toEqual([2, true, true]);
      expect(strays()).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "SIGTERM hands every shard over in under 3 s, and the last to go leaves every Lease free",
    async () => {
      const { start, names, shares, heal, held, strays, space } = await town(8);
      const [r0, r1] = [await start("r0"), await start("r1")];
      await shares({ r0: 4, r1: 4 }, 20_000);
      await bringUp(api, { namespace: space, names });
      const beganAt = performance.now();
      const code = r0.kill("SIGTERM");
      await shares({ r1: 8 }, 3_000);
      expect(performance.now() - beganAt).toBeLessThan(3_000);
      expect(await code).toBe(0);
      await heal(names);
      expect(await r1.kill("SIGTERM")).toBe(0);
      expect(await held()).toEqual({});
      const main = await api.get<LeaseObject>(
        `/apis/coordination.k8s.io/v1/namespaces/${space}/leases/tidekeeper.sei.io`,
      );
      expect(main?.spec?.holderIdentity ?? "").toBe("");
      expect(strays()).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "beside replicas with eight shards one with four and one with one stand by and say so, until nobody is left",
    async () => {
      const { start, names, shares, heal, strays, space } = await town(8);
      const r0 = await start("r0");
      await shares({ r0: 8 }, 20_000);
      await bringUp(api, { namespace: space, names });
      const [single, four] = [await start("single", 1), await start("four", 4)];
      const WORD = "Standing by: the Lease is held for another number of shards";
      await eventually("their word", async () => single.log().includes(WORD) && four.log().includes(WORD), 10_000);
      expect(await fetch(`${four.healthUrl}/readyz?verbose`).then((reply) => reply.text())).toMatch(
        /\[\+\]shards ok: standing by: shards-8\.[0-9a-f]{8} leads/,
      );
      await heal(names);
      await Bun.sleep(16_000);
      expect([single.log(), four.log()].filter((log) => log.includes('"msg":"Leading"'))).toEqual([]);
      await r0.kill("SIGTERM");
      await eventually(
        "one of them to lead",
        async () => [single, four].filter((one) => one.log().includes('"msg":"Leading"')).length === 1,
        5_000,
      );
      await heal(names);
      expect(strays()).toEqual([]);
    },
    SLOW_MS,
  );
});
