/** The pure step that shares shards out. */
import { describe, expect, test } from "bun:test";

import { quotaOf, shareStep, type ShardState } from "../../../src/kube/lease/share-step.ts";

describe("quota", () => {
  test.each<[string, readonly string[], number, readonly number[]]>([
    ["one alone has all", ["a"], 8, [8]],
    ["what divides is divided", ["a", "b"], 8, [4, 4]],
    ["the first names take the rest", ["c", "a", "b"], 8, [3, 3, 2]],
    ["more replicas than shards leave some without", ["a", "b", "c", "d"], 2, [1, 1, 0, 0]],
    ["a name that is told twice counts once", ["a", "b", "a"], 4, [2, 2]],
  ])("%s", (_title, members, shards, quotas) => {
    const names = [...new Set(members)].toSorted();
    expect(names.map((name) => quotaOf(name, members, shards))).toEqual([...quotas]);
  });

  test("who is not among them has none", () => {
    expect([quotaOf("z", ["a"], 8), quotaOf("a", [], 8)]).toEqual([0, 0]);
  });
});

describe("share step", () => {
  const LETTERS = { o: "ours", l: "leaving", f: "free", x: "expired", h: "held" } as const;
  const states = (text: string): readonly ShardState[] =>
    Array.from(text, (letter) => {
      const found = Object.entries(LETTERS).find(([short]) => short === letter);
      return found === undefined ? "held" : found[1];
    });
  const counts = (members: readonly string[], text: string) => {
    const { stand, giveUp } = shareStep("a", { members, shards: states(text) });
    return [stand.length, giveUp.length];
  };

  test.each<[string, readonly string[], string, [stand: number, giveUp: number]]>([
    ["one alone stands for all that is free", ["a"], "ffff", [4, 0]],
    ["and for no more than is free", ["a"], "fhhf", [2, 0]],
    ["two stand for half each", ["a", "b"], "ffff", [2, 0]],
    ["at its quota it stands for none", ["a", "b"], "ooff", [0, 0]],
    ["above it, the surplus is given up", ["a", "b"], "oooo", [0, 2]],
    ["what is being given up is given up once", ["a", "b"], "ooll", [0, 0]],
    ["nothing is taken from another", ["a", "b"], "ohhh", [0, 0]],
    ["who is no member takes nothing and keeps nothing", ["b"], "offf", [0, 1]],
    ["where the names give it one more it takes it", ["a", "b", "c"], "ooffffff", [1, 0]],
  ])("%s", (_title, members, text, wanted) => {
    expect(counts(members, text)).toEqual(wanted);
  });

  test.each<[string, readonly string[], string, [stand: number, vacate: number]]>([
    ["what ran out is taken like what is free", ["a"], "xfxh", [3, 0]],
    ["at its quota, it is given back for whoever is below its own", ["a", "b"], "ooxx", [0, 2]],
    ["below, only what is left", ["a", "b"], "oxxx", [1, 2]],
    ["who is no member touches nothing", ["b"], "xxxx", [0, 0]],
  ])("%s", (_title, members, text, wanted) => {
    const { stand, vacate } = shareStep("a", { members, shards: states(text) });
    expect([stand.length, vacate.length]).toEqual(wanted);
    expect(stand.filter((shard) => vacate.includes(shard))).toEqual([]);
  });

  test("replicas reach for different shards first, so that few races are lost", () => {
    const names = ["a", "b", "c", "d"];
    const firsts = names.flatMap((name) => shareStep(name, { members: names, shards: states("f".repeat(16)) }).stand);
    expect(new Set(firsts).size).toBeGreaterThan(9);
  });
});

/** Replicas that see the world late, on Leases that only one can take. */
class World {
  readonly owner: (string | null)[];
  /** Shards of the dead: their Leases have to run out. */
  readonly views = new Map<string, { members: readonly string[]; owner: readonly (string | null)[] }>();
  readonly leaving = new Set<number>();
  moves = 0;
  #seed: number;

  constructor(shards: number, seed: number) {
    this.owner = Array.from({ length: shards }, () => null);
    this.#seed = seed;
  }

  dice(sides: number): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * sides);
  }
  get members(): readonly string[] {
    return [...this.views.keys()].toSorted();
  }
  join(name: string): void {
    this.views.set(name, { members: [name], owner: this.owner.map(() => null) });
  }
  die(name: string): void {
    this.views.delete(name);
    // Its surplus never ends by itself: the Lease runs out.
    for (const shard of this.leaving) if (this.owner[shard] === name) this.leaving.delete(shard);
  }
  befall(name: string): void {
    const what = this.dice(6);
    if (what === 0 && !this.views.has(name)) this.join(name);
    else if (what === 1 && this.views.size > 1) this.die(name);
    else if (what === 2) this.finish();
    else if (what === 3) this.look(name);
    else this.act(name);
  }
  look(name: string): void {
    if (this.views.has(name)) this.views.set(name, { members: this.members, owner: [...this.owner] });
  }
  /** One replica acts on what it saw last; what is its own it knows. */
  act(name: string): void {
    const view = this.views.get(name);
    if (view === undefined) return;
    const shards = this.owner.map((owner, shard): ShardState => {
      if (owner === name) return this.leaving.has(shard) ? "leaving" : "ours";
      return view.owner[shard] === null || !this.views.has(view.owner[shard] ?? "") ? "free" : "held";
    });
    const { stand, giveUp } = shareStep(name, { members: view.members, shards });
    for (const shard of stand) {
      const owner = this.owner[shard] ?? null;
      if (owner !== null && this.views.has(owner)) continue;
      this.owner[shard] = name;
      this.moves += 1;
    }
    for (const shard of giveUp) this.leaving.add(shard);
  }
  /** The work on a shard that is being given up has ended. */
  finish(): void {
    const [shard] = this.leaving;
    if (shard === undefined) return;
    this.leaving.delete(shard);
    this.owner[shard] = null;
  }
  settle(): void {
    for (let round = 0; round < 12; round += 1) {
      for (const name of this.members) {
        this.look(name);
        this.act(name);
      }
      while (this.leaving.size > 0) this.finish();
    }
  }
  shares(): readonly number[] {
    return this.members.map((name) => this.owner.filter((owner) => owner === name).length);
  }
}

describe("histories", () => {
  const seeds = Array.from({ length: 300 }, (_one, seed) => seed + 1);

  test("whatever befalls the replicas, in the end every shard has one owner and the shares differ by at most one", () => {
    for (const seed of seeds) {
      const world = new World([1, 2, 5, 8, 16, 64][seed % 6] ?? 8, seed);
      world.join("r0");
      for (let step = 0; step < 120; step += 1) {
        world.befall(`r${world.dice(6)}`);
      }
      world.settle();
      const shares = world.shares();
      expect({ seed, sum: shares.reduce((a, b) => a + b, 0) }).toEqual({ seed, sum: world.owner.length });
      expect({ seed, isFair: Math.max(...shares) - Math.min(...shares) <= 1 }).toEqual({ seed, isFair: true });
      const { moves } = world;
      world.settle();
      expect({ seed, moves: world.moves }).toEqual({ seed, moves });
    }
  });

  test("one that comes or dies moves its own share, and at most one shard more of each other", () => {
    for (const seed of seeds) {
      const shards = [8, 16, 64][seed % 3] ?? 8;
      const world = new World(shards, seed);
      const count = 1 + world.dice(5);
      for (let index = 0; index < count; index += 1) world.join(`r${index}`);
      world.settle();
      const before = world.moves;
      world.join(world.dice(2) === 0 ? "aa" : "zz");
      world.settle();
      const joined = world.moves - before;
      expect({ seed, isFew: joined <= Math.ceil(shards / (count + 1)) + count }).toEqual({ seed, isFew: true });
      const victim = world.members[world.dice(count + 1)] ?? "";
      const owned = world.owner.filter((owner) => owner === victim).length;
      const later = world.moves;
      world.die(victim);
      world.settle();
      expect({ seed, isFew: world.moves - later <= owned + count }).toEqual({ seed, isFew: true });
    }
  });
});
