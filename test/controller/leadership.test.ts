/** Who may write, and when that ends. */
import { describe, expect, test } from "bun:test";
import type { LeadershipOptions, LeadershipWork } from "../../src/controller/leadership-options.ts";
import { createLeadership } from "../../src/controller/leadership.ts";
import type { ApiTransport, HttpRequest } from "../../src/base/index.ts";
import { LeaseServer } from "../kube/lease/lease-server.ts";
import { fixedRandom, VirtualTime } from "../fixtures/virtual-time.ts";

/** Our Lease and the reference's, each on a server of its own behind one door. */
function stage({ synced = () => true, ...more }: Partial<LeadershipOptions & LeadershipWork> = {}) {
  const time = new VirtualTime();
  const ours = new LeaseServer();
  const reference = new LeaseServer();
  const doors = { ours: ours.door(), reference: reference.door() };
  const doorOf = ({ path }: HttpRequest) => (path.includes("bc1f5b0a") ? doors.reference : doors.ours);
  const api: ApiTransport = {
    request: (request, limits) => doorOf(request).request(request, limits),
    stream: (request, limits) => doorOf(request).stream(request, limits),
  };
  const log: string[] = [];
  const said: string[] = [];
  const leadership = createLeadership({
    api,
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(),
    namespace: null,
    selector: null,
    lease: { namespace: "ns", identity: "me" },
    mode: "act",
    instruments: { set: () => undefined },
    log: {
      info: () => undefined,
      warn: (message) => void said.push(message),
      error: (message) => void said.push(message),
      change: (_key, _level, message) => void said.push(message),
    },
    onOver: (why) => void log.push(`over: ${why}`),
    ...more,
  });
  leadership.start({
    synced,
    acquired: () => void log.push("acquired"),
    leave: async (shard) => void log.push(`left ${shard}`),
    observe: () => void log.push("observe"),
  });
  const renew = (server: LeaseServer, holderIdentity: string): void =>
    server.put({ holderIdentity, leaseDurationSeconds: 15, renewTime: String(time.clock.mono()) });
  const holder = (): unknown => ours.lease?.spec["holderIdentity"] ?? null;
  return { time, ours, reference, doors, leadership, log, said, renew, holder };
}

describe("leadership", () => {
  test("stands once everything is synced, and writes while it leads", () => {
    let isSynced = false;
    const { time, leadership, log, holder } = stage({ synced: () => isSynced });
    time.advance(5_000);
    expect([log, leadership.mayWrite("ns/n"), holder()]).toEqual([[], false, null]);
    isSynced = true;
    time.advance(1_000);
    expect([log, leadership.mayWrite("ns/n"), holder()]).toEqual([["acquired"], true, "me"]);
  });

  test("beside a living manager of the reference it observes once and writes nothing, also no Lease", () => {
    let isSynced = false;
    const { time, ours, reference, leadership, log, said, renew } = stage({ synced: () => isSynced });
    // Its Lease is there before anything is seen; only a change of it is a sign of life.
    renew(reference, "manager");
    isSynced = true;
    for (let beat = 0; beat < 15; beat += 1) {
      time.advance(2_000);
      renew(reference, "manager");
    }
    expect([log, leadership.mayWrite("ns/n"), ours.lease, ours.writes]).toEqual([["observe"], false, null, 0]);
    expect(said).toEqual(["The reference's manager is alive, so nothing is written. Stop it first"]);
    time.advance(16_000);
    expect([log, leadership.mayWrite("ns/n")]).toEqual([["observe", "acquired"], true]);
  });

  test("a manager of the reference that comes up later stops every write", () => {
    const { time, reference, leadership, renew } = stage();
    time.advance(1_000);
    expect(leadership.mayWrite("ns/n")).toBe(true);
    renew(reference, "manager");
    time.settle();
    expect(leadership.mayWrite("ns/n")).toBe(false);
  });

  test("where the reference's Lease cannot be seen nobody stands, and somebody is told", () => {
    let isSynced = false;
    const { time, doors, ours, log, said, leadership } = stage({ synced: () => isSynced });
    doors.reference.cut = true;
    isSynced = true;
    time.advance(60_000);
    expect([log, leadership.mayWrite("ns/n"), ours.lease]).toEqual([[], false, null]);
    expect(new Set(said)).toEqual(new Set(["A Lease cannot be watched"]));
    doors.reference.cut = false;
    time.advance(60_000);
    expect([log, leadership.mayWrite("ns/n")]).toEqual([["acquired"], true]);
  });

  test("in observe mode it observes at once, also as a standby, and once more when it leads", () => {
    const { time, ours, log, renew, leadership } = stage({ mode: "observe" });
    renew(ours, "another");
    time.advance(1_000);
    expect([log, leadership.mayWrite("ns/n")]).toEqual([["observe"], false]);
    time.advance(16_000);
    expect([log, leadership.mayWrite("ns/n")]).toEqual([["observe", "acquired"], true]);
  });

  test("whoever asks is told who leads", () => {
    const { time, ours, reference, leadership, renew } = stage({ synced: () => true });
    expect(leadership.leader()).toBe("nobody leads");
    time.advance(1_000);
    expect(leadership.leader()).toBe("this one leads: me");
    renew(reference, "manager");
    time.settle();
    expect(leadership.leader()).toMatch(/^standing by: manager holds .*bc1f5b0a\.sei\.io$/);
    const standby = stage();
    renew(standby.ours, "another");
    standby.time.advance(1_000);
    expect([ours.lease === null, standby.leadership.leader()]).toEqual([false, "standing by: another leads"]);
    expect(stage({ lease: null }).leadership.leader()).toBe("no election: this one acts alone");
  });

  test("without an election it works at once; observing, it writes nothing", () => {
    const act = stage({ lease: null });
    act.time.settle();
    expect([act.log, act.leadership.mayWrite("ns/n"), act.ours.lease]).toEqual([["acquired"], true, null]);
    const observe = stage({ lease: null, mode: "observe" });
    observe.time.settle();
    expect([observe.log, observe.leadership.mayWrite("ns/n")]).toEqual([["observe", "acquired"], false]);
  });

  test("a standby that stands down does not take a Lease that is freed meanwhile", () => {
    const { time, ours, leadership, log, renew, holder } = stage();
    renew(ours, "another");
    time.advance(1_000);
    leadership.retire();
    ours.put({ leaseDurationSeconds: 1 });
    time.advance(30_000);
    expect([log, holder()]).toEqual([[], null]);
  });

  test("one that stands down before it is synced never stands", () => {
    let isSynced = false;
    const { time, leadership, ours, log } = stage({ synced: () => isSynced });
    leadership.retire();
    isSynced = true;
    time.advance(30_000);
    expect([log, ours.lease]).toEqual([[], null]);
  });

  test("a leader that stands down keeps the Lease while its work ends, then gives it back", async () => {
    const { time, leadership, holder } = stage();
    time.advance(1_000);
    leadership.retire();
    time.advance(8_000);
    expect([holder(), leadership.mayWrite("ns/n")]).toEqual(["me", true]);
    const stopped = leadership.stop({ isIdle: true });
    time.settle();
    await stopped;
    expect([holder(), leadership.mayWrite("ns/n")]).toEqual([null, false]);
  });

  test("work that did not end may still have an effect, so its Lease runs out", async () => {
    const { time, leadership, holder } = stage();
    time.advance(1_000);
    await leadership.stop({ isIdle: false });
    expect(holder()).toBe("me");
    expect(leadership.mayWrite("ns/n")).toBe(false);
  });

  test("a Lease that is lost ends it once, with the reason, and by then nothing may be written", () => {
    const writable: boolean[] = [];
    const log: string[] = [];
    const over: { mayWrite?: (key: string) => boolean } = {};
    const staged = stage({
      onOver: (why) => {
        log.push(why);
        writable.push(over.mayWrite?.("ns/n") ?? true);
      },
    });
    over.mayWrite = staged.leadership.mayWrite;
    staged.time.advance(1_000);
    staged.renew(staged.ours, "thief");
    staged.time.advance(30_000);
    expect([log, writable]).toEqual([["lost the Lease ns/tidekeeper.sei.io: another holds the Lease: thief"], [false]]);
  });
});
