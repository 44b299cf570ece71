/** Leader election against a scripted server in virtual time. */
import { describe, expect, test } from "bun:test";

import { createClient } from "../../../src/kube/client/index.ts";
import { startElector } from "../../../src/kube/lease/elector.ts";
import { TransportError } from "../../../src/base/index.ts";
import { LeaseServer } from "./lease-server.ts";
import { fixedRandom, VirtualTime } from "../../fixtures/virtual-time.ts";

function candidates(server = new LeaseServer()) {
  const time = new VirtualTime();
  const begin = time.clock.mono();
  const log: string[] = [];
  const stand = (identity: string, { mayStand = (): boolean => true, door = server.door() } = {}) => {
    const elector = startElector({
      client: createClient(door),
      transport: door,
      clock: time.clock,
      timers: time.timers,
      random: fixedRandom(),
      namespace: "ns",
      name: "tk",
      identity,
      fieldManager: "tidekeeper",
      mayStand,
      report: () => {},
      onAcquired: () => log.push(`${time.clock.mono() - begin} ${identity} leads`),
      onLost: () => log.push(`${time.clock.mono() - begin} ${identity} lost`),
      onTrouble: () => {},
    });
    return { door, elector };
  };
  const standAlone = (identity: string) => {
    const candidate = stand(identity);
    time.settle();
    return candidate;
  };
  return { server, time, stand: standAlone, standAtOnce: stand, log };
}

describe("elector", () => {
  test("of two that create the Lease at once, one leads", () => {
    const { stand, log, server, time } = candidates();
    const a = stand("a");
    const b = stand("b");
    time.advance(30_000);
    expect(log).toEqual(["0 a leads"]);
    expect([a.elector.fence(), b.elector.fence(), b.elector.holder]).toEqual([true, false, "a"]);
    expect(server.writes).toBeLessThanOrEqual(16);
  });

  test("a killed leader's successor leads within 20 s, and never while the leader's fence holds", () => {
    const { stand, log, time } = candidates();
    const a = stand("a");
    const b = stand("b");
    time.advance(3_000);
    a.door.cut = true;
    for (let ms = 0; ms < 20_000; ms += 100) {
      time.advance(100);
      expect(a.elector.fence() && b.elector.fence()).toBe(false);
    }
    expect(log).toEqual(["0 a leads", "12000 a lost", "17000 b leads"]);
  });

  test("a Lease given back is taken at once", async () => {
    const { stand, log, time, server } = candidates();
    const a = stand("a");
    stand("b");
    time.advance(5_000);
    const released = a.elector.release();
    time.settle();
    await released;
    expect(log).toEqual(["0 a leads", "5000 b leads"]);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: "b", leaseTransitions: 2 });
  });

  test("so it is by one that has just lost the race for it and has not read it since", async () => {
    const { standAtOnce, log, time } = candidates();
    const a = standAtOnce("a");
    standAtOnce("b");
    time.advance(500);
    expect(log).toEqual(["0 a leads"]);
    const released = a.elector.release();
    time.settle();
    await released;
    expect(log).toEqual(["0 a leads", "500 b leads"]);
  });

  test("release by a standby touches nothing", async () => {
    const { stand, time, server } = candidates();
    stand("a");
    const b = stand("b");
    const { writes } = server;
    await b.elector.release();
    time.settle();
    expect([server.writes, server.lease?.spec["holderIdentity"]]).toEqual([writes, "a"]);
  });

  test("a process that was stopped has no fence when it wakes, before any timer runs", () => {
    const { stand, time } = candidates();
    const a = stand("a");
    expect(a.elector.fence()).toBe(true);
    time.freeze(10_000);
    expect(a.elector.fence()).toBe(false);
  });

  test.each<[string, (server: LeaseServer) => void]>([
    ["deleted", (server) => server.put(null)],
    ["given to another", (server) => server.put({ holderIdentity: "thief", renewTime: "x" })],
    ["made a mess of", (server) => server.put({ holderIdentity: 7, leaseDurationSeconds: "x" })],
  ])("a leader whose Lease is %s stops at once", (_title, act) => {
    const { stand, log, time, server } = candidates();
    const a = stand("a");
    time.advance(1_000);
    act(server);
    time.settle();
    expect([log.at(-1), a.elector.fence()]).toEqual(["1000 a lost", false]);
  });

  test("an edit of the Lease that leaves its holder costs the leader nothing", () => {
    const { stand, log, time, server } = candidates();
    stand("a");
    time.advance(1_000);
    server.put({ ...server.lease?.spec, strategy: "x" });
    time.advance(20_000);
    expect(log).toEqual(["0 a leads"]);
  });

  /** A door whose single reads and writes are answered `ms` late; its watch is not. */
  function lateDoor(server: LeaseServer, { time, ms }: { time: VirtualTime; ms: number }) {
    const door = server.door();
    const late: typeof door = {
      ...door,
      async request(request, limits) {
        const reply = await door.request(request, limits);
        await new Promise<void>((resolve) => time.timers.after(ms, resolve));
        return reply;
      },
    };
    return late;
  }

  test("a read that the watch overtook does not hold up what was given back meanwhile", () => {
    const { server, time, stand, standAtOnce, log } = candidates();
    stand("a");
    time.advance(1_000);
    standAtOnce("b", { door: lateDoor(server, { time, ms: 50 }) });
    time.settle();
    server.put({ holderIdentity: "", renewTime: "given back" });
    time.advance(200);
    expect(log.at(-1)).toContain("b leads");
  });

  test("nor does one that met no Lease, when the watch has shown one since", async () => {
    const { server, time, stand, standAtOnce, log } = candidates();
    standAtOnce("b", { door: lateDoor(server, { time, ms: 300 }) });
    time.settle();
    const a = stand("a");
    time.advance(400);
    const released = a.elector.release();
    time.settle();
    await released;
    time.advance(1_000);
    expect(log.map((line) => line.replace(/^\d+ /, ""))).toEqual(["a leads", "b leads"]);
  });

  test("nor does one bring a Lease back that the watch has shown deleted", () => {
    const { server, time, standAtOnce, log } = candidates();
    server.put({ holderIdentity: "x", renewTime: "1" });
    standAtOnce("b", { door: lateDoor(server, { time, ms: 300 }) });
    time.settle();
    server.put(null);
    time.advance(17_000);
    expect(log.at(-1)).toContain("b leads");
  });

  test("a server that was set back to an earlier state is believed", () => {
    const { server, time, stand } = candidates();
    const a = stand("a");
    time.advance(1_000);
    server.setBack();
    time.advance(20_000);
    expect([a.elector.fence(), server.conflicts]).toEqual([true, 1]);
  });

  test("a short cut is survived", () => {
    const { stand, log, time } = candidates();
    const a = stand("a");
    time.advance(1_000);
    a.door.cut = true;
    time.advance(6_000);
    a.door.cut = false;
    time.advance(30_000);
    expect([log, a.elector.fence()]).toEqual([["0 a leads"], true]);
  });
});

describe("replies that come later than a call may take", () => {
  /** Requests are carried out at once, replies arrive after `ms` or not at all; the watch is quick. */
  function tardyDoor(server: LeaseServer, { time, ms }: { time: VirtualTime; ms: number }) {
    const door = server.door();
    const ask = door.request.bind(door);
    door.request = async (request, limits) => {
      const reply = await ask(request, limits);
      const isLate = ms >= limits.deadlineMs;
      await new Promise<void>((resolve) => time.timers.after(Math.min(ms, limits.deadlineMs), resolve));
      if (isLate) throw new TransportError("DEADLINE", `no reply within ${limits.deadlineMs} ms`);
      return reply;
    };
    return door;
  }

  test.each([[2_300], [2_500], [9_000]])("of %d ms cost nobody the Lease: the watch shows what was stored", (ms) => {
    const { server, time, standAtOnce, log } = candidates();
    const a = standAtOnce("a", { door: tardyDoor(server, { time, ms }) });
    const b = standAtOnce("b", { door: tardyDoor(server, { time, ms }) });
    time.settle();
    let led = 0;
    for (let second = 0; second < 120; second += 1) {
      time.advance(1_000);
      const fences = [a.elector.fence(), b.elector.fence()].filter(Boolean).length;
      expect(fences).toBeLessThan(2);
      led += fences;
    }
    expect(log.length).toBe(1);
    // Until it leads, two calls are waited for.
    expect(led).toBeGreaterThanOrEqual(110);
  });

  test("nor does one write that was lost on the way", () => {
    const { server, time, standAtOnce, log } = candidates();
    const way = { isLost: false };
    const door = tardyDoor(server, { time, ms: 2_500 });
    const ask = door.request.bind(door);
    door.request = async (request, limits) => {
      if (!way.isLost || request.method === "GET") return ask(request, limits);
      way.isLost = false;
      throw new TransportError("UNREACHABLE", "reset");
    };
    const a = standAtOnce("a", { door });
    time.advance(20_000);
    way.isLost = true;
    time.advance(20_000);
    expect([log.length, a.elector.fence(), way.isLost]).toEqual([1, true, false]);
  });

  test("count from when the write was sent, and nothing does that is not shown", () => {
    const { server, time, standAtOnce, log } = candidates();
    const a = standAtOnce("a", { door: tardyDoor(server, { time, ms: 2_500 }) });
    time.advance(20_000);
    expect(a.elector.fence()).toBe(true);
    a.door.cut = true;
    time.advance(9_900);
    expect([log.at(-1)?.replace(/^\d+ /, ""), a.elector.fence()]).toEqual(["a lost", false]);
  });

  test("another's renewal under the same name is not taken for ours", () => {
    const { server, time, standAtOnce } = candidates();
    const a = standAtOnce("a", { door: server.door() });
    time.advance(1_000);
    const { fence } = a.elector;
    a.door.request = () => Promise.reject(new TransportError("UNREACHABLE", "cut"));
    for (let second = 0; second < 10; second += 1) {
      time.advance(1_000);
      server.put({ ...server.lease?.spec, renewTime: `another's ${second}` });
    }
    expect(fence()).toBe(false);
  });
});

describe("the wall clock", () => {
  test.each([
    ["a day forward", 86_400_000],
    ["a day back", -86_400_000],
  ])("that is set %s changes nothing", (_title, ms) => {
    const { time, stand, log } = candidates();
    const a = stand("a");
    stand("b");
    time.advance(5_000);
    time.wallSetBy += ms;
    time.advance(30_000);
    expect([log, a.elector.fence()]).toEqual([["0 a leads"], true]);
  });

  test("that stands still leaves each renewal one that is seen", () => {
    const { server, time, stand, log } = candidates();
    const wall = time.clock.wall();
    time.clock.wall = () => wall;
    stand("a");
    stand("b");
    time.advance(60_000);
    expect([log, server.lease?.spec["holderIdentity"]]).toEqual([["0 a leads"], "a"]);
  });
});

describe("a Lease that several share", () => {
  test("is renewed against whatever was written in between, and is nobody's who is not named on it", () => {
    const time = new VirtualTime();
    const server = new LeaseServer();
    const door = server.door();
    const log: string[] = [];
    const elector = startElector({
      client: createClient(door),
      transport: door,
      clock: time.clock,
      timers: time.timers,
      random: fixedRandom(),
      namespace: "ns",
      name: "tk",
      identity: "shards-8",
      fieldManager: "tidekeeper",
      report: () => {},
      onAcquired: () => log.push("leads"),
      onLost: (why) => log.push(why),
      onTrouble: (why) => log.push(why),
      shared: { marks: () => ({ me: String(server.writes) }), lastMarks: () => ({ me: null }), isLast: () => true },
    });
    time.advance(1_000);
    // Written behind its back: its watch tells nothing, so that its version is an old one.
    door.cut = true;
    server.put({ ...server.lease?.spec, renewTime: "another's" });
    door.cut = false;
    time.advance(20_000);
    expect([log, elector.fence(), server.conflicts]).toEqual([["leads"], true, 0]);
    door.cut = true;
    server.put({ holderIdentity: "shards-4", renewTime: "x" });
    door.cut = false;
    time.advance(3_000);
    expect([log.at(-1), elector.fence(), server.lease?.spec["holderIdentity"]]).toEqual([
      "another holds the Lease: shards-4",
      false,
      "shards-4",
    ]);
  });
});

describe("a Lease that ran out", () => {
  test("is given back by whoever watched it for long enough, so that a newcomer takes it at once", () => {
    const { server, time, standAtOnce, log } = candidates();
    const a = standAtOnce("a");
    time.settle();
    const early = standAtOnce("early", { mayStand: () => false });
    time.advance(3_000);
    a.door.cut = true;
    time.advance(10_000);
    standAtOnce("late");
    time.advance(3_000);
    early.elector.vacate();
    time.settle();
    expect(server.lease?.spec["holderIdentity"]).toBe("a");
    time.advance(1_000);
    expect(early.elector.takeableInMs).toBe(0);
    early.elector.vacate();
    time.settle();
    expect(log.at(-1)).toBe("17000 late leads");
    early.elector.vacate();
    time.settle();
    expect(server.lease?.spec["holderIdentity"]).toBe("late");
  });
});
