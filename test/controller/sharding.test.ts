/** Replicas that share shards, on scripted Leases in virtual time: who may write, and when. */
import { describe, expect, test } from "bun:test";
import type { Leadership, LeadershipOptions } from "../../src/controller/leadership-options.ts";
import { createLeadership } from "../../src/controller/leadership.ts";
import { shardOf } from "../../src/kube/lease/index.ts";
import type { ApiTransport, HttpRequest } from "../../src/base/index.ts";
import { LeaseServer } from "../kube/lease/lease-server.ts";
import { VirtualTime } from "../fixtures/virtual-time.ts";

const MAIN = "tidekeeper.sei.io";

interface Replica {
  readonly identity: string;
  readonly shards: number;
  readonly leadership: Leadership;
  readonly said: string[];
  /** Shards it works on. */
  readonly working: Set<number>;
  /** Ends what it is doing for the shards that it is to leave; at once unless `holds`. */
  holds: boolean;
  readonly finish: () => void;
  isOver: boolean;
  cut(isCut: boolean): void;
  may(shard: number): boolean;
}

/** What replicas say of themselves on the Lease that they share. */
function replicaMarks(server: LeaseServer): readonly string[] {
  return Object.keys(server.lease?.metadata.annotations ?? {}).filter((key) => key.startsWith("replica."));
}

/** Every Lease is a server of its own; a replica's doors to all of them are cut together. `lagMs`: of a call, each way. */
function town(lagMs: () => number = () => 0) {
  const time = new VirtualTime();
  const lag = (): Promise<void> | null => {
    const ms = lagMs();
    return ms === 0 ? null : new Promise((resolve) => time.timers.after(ms, resolve));
  };
  const leases = new Map<string, LeaseServer>();
  const leaseOf = (name: string): LeaseServer => {
    const known = leases.get(name) ?? new LeaseServer(name);
    leases.set(name, known);
    return known;
  };
  const nameIn = ({ path }: HttpRequest): string =>
    /metadata\.name%3D([\w.-]+)/.exec(path)?.[1] ?? /\/leases\/([\w.-]+)/.exec(path)?.[1] ?? "";
  const replicas: Replica[] = [];

  const start = (identity: string, shards = 8, more: Partial<LeadershipOptions> = {}): Replica => {
    const doors = new Map<string, ReturnType<LeaseServer["door"]>>();
    let isCut = false;
    const doorOf = (request: HttpRequest) => {
      const name = nameIn(request);
      const door = doors.get(name) ?? leaseOf(name).door();
      door.cut = isCut;
      doors.set(name, door);
      return door;
    };
    const api: ApiTransport = {
      request: async (request, limits) => {
        await lag();
        const reply = await doorOf(request).request(request, limits);
        await lag();
        return reply;
      },
      stream: (request, limits) => doorOf(request).stream(request, limits),
    };
    const working = new Set<number>();
    const said: string[] = [];
    const ends: (() => void)[] = [];
    let dice = replicas.length * 77 + 1;
    const leadership = createLeadership({
      api,
      clock: time.clock,
      timers: time.timers,
      random: { u32: () => (dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0), uuid4: () => identity },
      namespace: null,
      selector: null,
      lease: { namespace: "ns", identity, shards },
      mode: "act",
      instruments: { set: () => undefined },
      log: {
        info: (message, fields) => void said.push(told(message, fields?.["shard"])),
        warn: (message, fields) => void said.push(told(message, fields?.["shard"])),
        error: (message, fields) => void said.push(told(message, fields?.["shard"])),
        change: (_key, _level, message) => void said.push(message),
      },
      onOver: (why) => {
        said.push(`over: ${why}`);
        replica.isOver = true;
        void leadership.stop({ isIdle: true });
      },
      ...more,
    });
    leadership.start({
      synced: () => true,
      acquired: (shard) => void working.add(shard),
      leave: async (shard) => {
        working.delete(shard);
        if (replica.holds) await new Promise<void>((resolve) => ends.push(resolve));
      },
      observe: () => undefined,
    });
    const replica: Replica = {
      identity,
      shards,
      leadership,
      said,
      working,
      holds: false,
      isOver: false,
      finish: () => ends.splice(0).forEach((end) => end()),
      cut(cutNow) {
        isCut = cutNow;
        for (const door of doors.values()) door.cut = cutNow;
      },
      may: (shard) => leadership.mayWrite(keyIn(shard, shards)),
    };
    replicas.push(replica);
    return replica;
  };
  /** Goes on, and looks all the time that nobody may write what another may. */
  const pass = (ms: number, stepMs = 50): void => {
    for (let left = ms; left > 0; left -= stepMs) {
      time.advance(Math.min(stepMs, left));
      alone(replicas, time.clock.mono());
    }
  };
  const shares = (): readonly number[] => replicas.map(({ working }) => working.size);
  const stop = async (replica: Replica): Promise<void> => {
    replica.leadership.retire();
    time.settle();
    replica.working.clear();
    const stopped = replica.leadership.stop({ isIdle: true });
    time.settle();
    await stopped;
    replica.isOver = true;
  };
  const holder = (name: string): unknown => leaseOf(name).lease?.spec["holderIdentity"] ?? null;
  return { time, leaseOf, start, pass, shares, stop, holder, replicas };
}

function told(message: string, shard: unknown): string {
  return typeof shard === "number" ? `${message} ${shard}` : message;
}

const keys = new Map<string, string>();

/** A node of each shard. */
function keyIn(shard: number, shards: number): string {
  const known = keys.get(`${shard}/${shards}`);
  if (known !== undefined) return known;
  let index = 0;
  while (shardOf(`ns/n${index}`, shards) !== shard) index += 1;
  keys.set(`${shard}/${shards}`, `ns/n${index}`);
  return `ns/n${index}`;
}

/** Throws where two may write for one shard, or lead with different numbers of them. */
function alone(replicas: readonly Replica[], at: number): void {
  const leading = replicas.filter((one) => one.leadership.leads());
  if (new Set(leading.map(({ shards }) => shards)).size > 1) throw new Error(`${at}: two numbers of shards at once`);
  for (let shard = 0; shard < 8; shard += 1) {
    const writers = leading.filter((one) => shard < one.shards && one.may(shard)).map(({ identity }) => identity);
    if (writers.length > 1) throw new Error(`${at}: shard ${shard} is written by ${writers.join(", ")}`);
  }
}

describe("shards", () => {
  test("three replicas share eight fairly, and nothing moves after that", () => {
    const { start, pass, shares, holder, replicas } = town();
    for (const name of ["a", "b", "c"]) start(name);
    pass(5_000);
    expect(shares()).toEqual([3, 3, 2]);
    const said = replicas.map((one) => one.said.length);
    pass(120_000, 500);
    expect([shares(), replicas.map((one) => one.said.length)]).toEqual([[3, 3, 2], said]);
    expect(holder(MAIN)).toBe("shards-8");
    const holders = Array.from({ length: 8 }, (_one, shard) => holder(`shard-${shard}.${MAIN}`));
    expect(holders.map(String).toSorted()).toEqual(["a", "a", "a", "b", "b", "b", "c", "c"]);
  });

  test("a dead one's shards are worked on within 20 s, while the others' go on undisturbed", () => {
    const { start, pass, shares } = town();
    const [a, b] = [start("a"), start("b"), start("c")];
    pass(5_000);
    const kept = [...a.working];
    b.cut(true);
    pass(20_000);
    expect([shares()[0], shares()[2]]).toEqual([4, 4]);
    expect([kept.every((shard) => a.working.has(shard)), b.isOver, b.leadership.leads()]).toEqual([true, true, false]);
  });

  test("one that comes in a dead one's place need not watch its Leases run out all over again", () => {
    const { start, pass, shares } = town();
    const [a] = [start("a"), start("b"), start("c"), start("d")];
    pass(10_000);
    expect(shares()).toEqual([2, 2, 2, 2]);
    a.cut(true);
    pass(8_000);
    start("e");
    pass(9_000);
    expect([a.leadership.leads(), shares().slice(1)]).toEqual([false, [2, 2, 2, 2]]);
  });

  test("nor does it when its first reads of the Leases lag behind what the others do with them", () => {
    let state = 5;
    const dice = (sides: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * sides);
    };
    const { time, start, pass, holder, replicas } = town(() => 2 + dice(dice(5) === 0 ? 300 : 8));
    for (const name of ["a", "b", "c", "d"]) start(name);
    pass(10_000, 100);
    for (let kill = 0; kill < 40; kill += 1) {
      const [victim] = replicas.splice(dice(4), 1);
      victim?.cut(true);
      const killedAt = time.clock.mono();
      pass(14_000 + dice(1_500), 100);
      start(`e${kill}`);
      const areOwned = (): boolean =>
        Array.from({ length: 8 }, (_one, shard) => holder(`shard-${shard}.${MAIN}`)).every((name) =>
          replicas.some(({ identity }) => identity === name),
        );
      while (!areOwned() && time.clock.mono() - killedAt < 60_000) pass(100);
      const tookMs = time.clock.mono() - killedAt;
      expect({ kill, tookMs, isInTime: tookMs <= 20_000 }).toEqual({ kill, tookMs, isInTime: true });
      pass(15_000, 500);
    }
  });

  test("a newcomer gets its share, each shard only when its work has ended where it was", () => {
    const { start, pass, shares, holder } = town();
    const [a, b] = [start("a"), start("b")];
    pass(5_000);
    a.holds = true;
    const before = new Set(a.working);
    start("c");
    pass(5_000);
    expect(shares()).toEqual([3, 3, 1]);
    const [leaving = -1] = [...before].filter((shard) => !a.working.has(shard));
    expect([holder(`shard-${leaving}.${MAIN}`), a.may(leaving)]).toEqual(["a", true]);
    a.finish();
    pass(1_000);
    expect([shares(), holder(`shard-${leaving}.${MAIN}`), a.may(leaving)]).toEqual([[3, 3, 2], "c", false]);
    expect(b.said.filter((line) => line.startsWith("Giving a shard up"))).toHaveLength(1);
  });

  test("one that stops hands over in under 3 s, and the Lease they share stays theirs", async () => {
    const { start, pass, shares, stop, holder } = town();
    const [a] = [start("a"), start("b"), start("c")];
    pass(5_000);
    await stop(a);
    pass(1_000);
    expect(shares()).toEqual([0, 4, 4]);
    expect(holder(MAIN)).toBe("shards-8");
  });

  test("the last one gives the shared Lease back, also of two that stop at once", async () => {
    const { time, start, pass, stop, holder, leaseOf } = town();
    const [a, b] = [start("a"), start("b")];
    pass(5_000);
    a.leadership.retire();
    b.leadership.retire();
    time.settle();
    const both = [a, b].map((one) => one.leadership.stop({ isIdle: true }));
    time.settle();
    await Promise.all(both);
    expect(holder(MAIN)).toBeNull();
    expect(replicaMarks(leaseOf(MAIN))).toEqual([]);
    const c = start("c");
    pass(1_000);
    expect(c.working.size).toBe(8);
    await stop(c);
    expect(Array.from({ length: 8 }, (_one, shard) => holder(`shard-${shard}.${MAIN}`))).toEqual(
      Array.from({ length: 8 }, () => null),
    );
  });

  test("while one that leaves still works, the last of the others does not give the shared Lease away", async () => {
    const { start, pass, stop, holder } = town();
    const [a, b] = [start("a"), start("b")];
    pass(5_000);
    a.leadership.retire();
    pass(100);
    expect(b.leadership.shards()).toContain("; 1 replicas share them");
    await stop(b);
    pass(5_000);
    expect([holder(MAIN), a.leadership.leads()]).toEqual(["shards-8", true]);
    await stop(a);
    expect(holder(MAIN)).toBeNull();
  });

  test.each([
    ["another number of shards", 4],
    ["one shard", 1],
  ])("a replica with %s stands by and says so, until the others are gone", async (_title, shards) => {
    const { start, pass, stop } = town();
    const [a, b] = [start("a"), start("b")];
    pass(5_000);
    const other = start("other", shards);
    pass(60_000, 500);
    expect(other.working.size).toBe(0);
    expect(other.said).toContain("Standing by: the Lease is held for another number of shards");
    await stop(a);
    pass(30_000, 500);
    expect(other.working.size).toBe(0);
    await stop(b);
    pass(1_000);
    expect(other.working.size).toBe(shards);
  });

  test("so do those with many shards beside one with one, and take over when it has been silent for 15 s", () => {
    const { start, pass } = town();
    const single = start("single", 1);
    pass(2_000);
    const [a, b] = [start("a"), start("b")];
    pass(30_000, 500);
    expect([single.working.size, a.working.size + b.working.size]).toEqual([1, 0]);
    expect(a.leadership.shards()).toBe("standing by: single leads");
    single.cut(true);
    pass(20_000);
    expect([a.working.size, b.working.size]).toEqual([4, 4]);
  });

  test("a shard that is taken away stops alone", () => {
    const { start, pass, leaseOf, shares } = town();
    const [a] = [start("a"), start("b")];
    pass(5_000);
    const [stolen = -1] = a.working;
    leaseOf(`shard-${stolen}.${MAIN}`).put({ holderIdentity: "thief", renewTime: "x", leaseDurationSeconds: 15 });
    pass(100);
    expect([a.may(stolen), a.working.has(stolen), a.working.size, a.isOver]).toEqual([false, false, 3, false]);
    expect(a.said).toContain(`A shard was lost ${stolen}`);
    pass(20_000);
    expect(shares()).toEqual([4, 4]);
  });

  test("the Lease they share, lost, ends each of them", () => {
    const { start, pass, leaseOf } = town();
    const [a, b] = [start("a"), start("b")];
    pass(5_000);
    leaseOf(MAIN).put(null);
    pass(100);
    expect([a.isOver, b.isOver]).toEqual([true, true]);
    expect(a.said).toContain("over: lost the Lease ns/tidekeeper.sei.io: the Lease was deleted");
  });

  test("beside a living manager of the reference none takes a shard", () => {
    const { start, pass, leaseOf, time } = town();
    const beat = () =>
      leaseOf("bc1f5b0a.sei.io").put({
        holderIdentity: "m",
        renewTime: String(time.clock.mono()),
        leaseDurationSeconds: 15,
      });
    beat();
    const [a, b] = [start("a"), start("b")];
    for (let count = 0; count < 10; count += 1) {
      pass(2_000);
      beat();
    }
    expect([a.working.size, b.working.size, leaseOf(`shard-0.${MAIN}`).writes]).toEqual([0, 0, 0]);
    pass(20_000);
    expect([a.working.size, b.working.size]).toEqual([4, 4]);
  });

  test("what the dead left on the shared Lease is tidied up when it is seen to be dead", () => {
    const { start, pass, leaseOf } = town();
    const [, b] = [start("a"), start("b")];
    pass(5_000);
    const marks = () => replicaMarks(leaseOf(MAIN)).length;
    b.cut(true);
    pass(12_000, 500);
    expect(marks()).toBe(2);
    pass(6_000, 500);
    expect(marks()).toBe(1);
  });

  test("whatever is cut, stopped and started, no two ever may write for one shard, and all is shared out in the end", async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const { start, pass, stop, replicas } = town();
      let state = seed;
      const dice = (sides: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * sides);
      };
      for (const name of ["a", "b", "c"]) start(name);
      for (let step = 0; step < 25; step += 1) {
        const alive = replicas.filter((one) => !one.isOver);
        const one = alive[dice(alive.length)];
        const kind = dice(5);
        if (kind === 0 && alive.length < 5) start(`s${seed}-${step}`);
        else if (kind === 1 && alive.length > 1 && one !== undefined) await stop(one);
        else if (one !== undefined) one.cut(kind !== 4);
        pass(100 + dice(9_000), 250);
      }
      for (const one of replicas) if (!one.isOver) one.cut(false);
      start(`last-${seed}`);
      // One that was cut off before it had seen anything waits up to 30 s before it looks again.
      pass(120_000, 500);
      const shares = replicas.filter((one) => !one.isOver).map(({ working }) => working.size);
      expect({ seed, sum: shares.reduce((sum, count) => sum + count, 0) }).toEqual({ seed, sum: 8 });
      expect({ seed, isFair: Math.max(...shares) - Math.min(...shares) <= 1 }).toEqual({ seed, isFair: true });
    }
  });
});
