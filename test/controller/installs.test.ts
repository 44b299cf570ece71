/** Controllers whose Leases are in several namespaces, on the simulated API server: who acts, and what each says of it. */
import { type HttpRequest, TransportError } from "../../src/base/index.ts";
import { describe, expect, test } from "bun:test";
import type { Leadership, LeadershipOptions } from "../../src/controller/leadership-options.ts";
import { createLeadership } from "../../src/controller/leadership.ts";
import { doOverlap, type Scope } from "../../src/controller/lease-scope.ts";
import { createSimCluster, type Fault } from "../../src/sim/index.ts";
import { VirtualTime } from "../fixtures/virtual-time.ts";

const LEASE = "tidekeeper.sei.io";
const REFERENCE = "bc1f5b0a.sei.io";
const all: Scope = { namespace: null, selector: null };
const inA: Scope = { namespace: "a", selector: null };
const inB: Scope = { namespace: "b", selector: null };
const gold: Scope = { namespace: null, selector: "tier=gold" };
const iron: Scope = { namespace: null, selector: "tier=iron" };

interface Install {
  readonly home: string;
  readonly scope: Scope;
  readonly leadership: Leadership;
  /** `level message {fields}`. */
  readonly lines: string[];
  readonly isOver: () => boolean;
  /** It runs on and hears nothing any more. */
  cut(): void;
}

function land(seed = 1) {
  const time = new VirtualTime();
  let state = seed;
  const u32 = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const faults: ((request: HttpRequest) => Fault | null)[] = [];
  const latency = { ms: () => 1, watchMs: () => 0 };
  let ids = 0;
  const sim = createSimCluster({
    clock: time.clock,
    timers: time.timers,
    random: { u32, uuid4: () => `id-${(ids += 1)}` },
    options: {
      apiLatencyMs: () => latency.ms(),
      apiReplyMs: () => latency.ms(),
      watchDelayMs: () => latency.watchMs(),
      beforeReply: (request) => faults.map((fault) => fault(request)).find((one) => one !== null) ?? null,
    },
  });
  const installs: Install[] = [];
  const start = (home: string, scope: Scope, more: Partial<LeadershipOptions> = {}, identity = home): Install => {
    const lines: string[] = [];
    const say =
      (level: string) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
        void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const door = { isCut: false, isOver: false };
    const cut = () => Promise.reject(new TransportError("UNREACHABLE", "cut"));
    const leadership = createLeadership({
      ...scope,
      api: {
        request: (request, limits) => (door.isCut ? cut() : sim.api.request(request, limits)),
        stream: (request, limits) => (door.isCut ? cut() : sim.api.stream(request, limits)),
      },
      clock: time.clock,
      timers: time.timers,
      random: { u32, uuid4: () => `id-${(ids += 1)}` },
      lease: { namespace: home, identity },
      mode: "act",
      instruments: { set: () => undefined },
      log: {
        info: say("info"),
        warn: say("warn"),
        error: say("error"),
        change: (_key, level, message, fields) => say(level)(message, fields),
      },
      onOver: () => {
        door.isOver = true;
        void leadership.stop({ isIdle: true });
      },
      ...more,
    });
    leadership.start({
      synced: () => true,
      acquired: () => undefined,
      leave: async () => undefined,
      observe: () => undefined,
    });
    const install = {
      home,
      scope,
      leadership,
      lines,
      isOver: () => door.isOver,
      cut: () => void (door.isCut = true),
    };
    installs.push(install);
    return install;
  };
  const acting = (): readonly Install[] => installs.filter(({ leadership }) => leadership.leads());
  const homes = (): string =>
    acting()
      .map(({ home }) => home)
      .join();
  /** Lets time pass bit by bit; after each no two installs may act on one node. */
  const pass = (ms: number, step = 25): void => {
    for (let at = 0; at < ms; at += step) {
      time.advance(step);
      const now = acting();
      const meets = (one: Install): boolean =>
        now.some((other) => one.home !== other.home && doOverlap(one.scope, other.scope));
      if (now.some(meets)) throw new Error(`two act: ${homes()}`);
    }
  };
  const path = (home: string, name = LEASE): string => `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/${name}`;
  const write = (home: string, name: string, holderIdentity: string | null): void => {
    const spec = { holderIdentity, leaseDurationSeconds: 15, renewTime: new Date(time.clock.wall()).toISOString() };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: home }, spec };
    const at = `${path(home, name)}?fieldManager=test&force=true`;
    const headers = { "content-type": "application/apply-patch+yaml" };
    const request = { method: "PATCH", path: at, headers, body: JSON.stringify(body) } as const;
    sim.api.request(request, { deadlineMs: 1_000, maxBytes: 1e6 }).catch(() => undefined);
    time.advance(10);
  };
  /** Somebody renews it while this runs. */
  const renewed = (ms: number, home: string, name: string, holder: string): void => {
    for (let at = 0; at < ms; at += 2_000) {
      write(home, name, holder);
      pass(1_975);
    }
  };
  return { time, sim, faults, latency, u32, start, pass, acting, homes, installs, write, renewed };
}

describe("installs whose Leases are in several namespaces", () => {
  test.each<[string, Scope, Scope, number]>([
    ["the whole cluster twice", all, all, 1],
    ["the whole cluster and one namespace", all, inA, 1],
    ["one namespace twice", inA, inA, 1],
    ["two namespaces", inA, inB, 2],
    ["a selector and the whole cluster", gold, all, 1],
    ["two selectors that part", gold, iron, 2],
    ["a selector and a namespace", gold, inB, 1],
  ])("%s: as many act as do not meet, whoever comes first", (_title, one, other, count) => {
    for (const laterMs of [0, 40, 5_000]) {
      const { start, pass, acting } = land();
      start("one", one);
      if (laterMs > 0) pass(laterMs);
      start("two", other);
      pass(30_000);
      expect(acting().length).toBe(count);
    }
  });

  test("whoever starts when, on however slow a server, no two act on one node, and no node is left alone", () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { start, pass, u32, latency, acting, installs } = land(seed * 7919);
      const dice = (sides: number): number => Math.floor((u32() / 2 ** 32) * sides);
      latency.ms = () => dice(120);
      // A watch that lags is no help in a race.
      latency.watchMs = () => 400 + dice(400);
      const scopes = [all, inA, inB, gold, iron];
      for (const home of ["x", "y", "z"]) {
        start(home, scopes[dice(scopes.length)] ?? all);
        pass(dice(3) * 50);
      }
      pass(45_000);
      const now = acting();
      const idle = installs.filter((one) => !now.includes(one));
      for (const { scope } of idle) expect(now.some((other) => doOverlap(scope, other.scope))).toBe(true);
    }
  });

  test("one that dies is followed by the other, within 20 s and not before its time is over", () => {
    const { start, pass, homes, acting } = land();
    const first = start("x", all);
    pass(1_000);
    start("y", inA);
    pass(20_000);
    expect(homes()).toBe("x");
    first.cut();
    pass(9_000);
    expect(acting().every(({ home }) => home === "x")).toBe(true);
    pass(11_000);
    expect([homes(), first.isOver()]).toEqual(["y", true]);
    expect(first.lines.filter((line) => line.startsWith("error"))).toEqual([
      expect.stringMatching(
        /^error The Lease was lost \{"lease":"x\/tidekeeper.sei.io","why":"not renewed for \d+ ms"\}$/,
      ),
    ]);
  });

  test("one that gives its Lease back is followed at once", async () => {
    const { start, pass, homes, time } = land();
    const first = start("x", all);
    pass(1_000);
    start("y", all);
    pass(20_000);
    const stopped = first.leadership.stop({ isIdle: true });
    time.advance(100);
    await stopped;
    pass(1_000);
    expect(homes()).toBe("y");
  });

  test("whoever waits says for whom, at once and every minute; who leads says where and for what", () => {
    const { start, pass } = land();
    const first = start("x", all);
    pass(3_000);
    const other = start("y", gold);
    const standby = start("x", all, {}, "second");
    pass(130_000);
    expect(first.lines).toEqual(['info Leading {"lease":"x/tidekeeper.sei.io","scope":"every namespace"}']);
    const rival =
      'warn Another Tidekeeper looks after nodes of ours, so nothing is written. Stop one of the two {"lease":"x/tidekeeper.sei.io","holder":"x","scope":"every namespace"}';
    expect(other.lines).toEqual([
      'info Waiting to see whether another manager is alive {"lease":"x/tidekeeper.sei.io","holder":"x"}',
      rival,
      rival,
      rival,
    ]);
    const line = 'info Standing by {"lease":"x/tidekeeper.sei.io","holder":"x"}';
    expect(standby.lines).toEqual([line, line, line]);
  });

  test("a standby of the same Lease for other nodes says so", () => {
    const { start, pass } = land();
    start("x", inA);
    pass(3_000);
    const other = start("x", inB, {}, "second");
    pass(10_000);
    expect(other.lines).toEqual([
      'warn Standing by: the Lease is held for another scope {"lease":"x/tidekeeper.sei.io","holder":"x","scope":"namespace a","ours":"namespace b"}',
    ]);
  });

  test("the reference's manager is heeded in every namespace, also by who leads already", () => {
    const { start, pass, homes, renewed } = land();
    const one = start("x", inA);
    pass(1_000);
    expect(homes()).toBe("x");
    renewed(70_000, "elsewhere", REFERENCE, "manager");
    expect(homes()).toBe("");
    const line =
      'warn The reference\'s manager is alive, so nothing is written. Stop it first {"lease":"elsewhere/bc1f5b0a.sei.io","holder":"manager"}';
    expect(one.lines.filter((said) => said.startsWith("warn"))).toEqual([line, line]);
    pass(20_000);
    expect(homes()).toBe("x");
  });

  test("an earlier version, whose Lease names no scope and who looks at nobody, is heeded by who leads already", () => {
    const { start, pass, homes, renewed } = land();
    start("x", inA);
    pass(1_000);
    renewed(30_000, "old", LEASE, "old");
    expect(homes()).toBe("");
    pass(20_000);
    expect(homes()).toBe("x");
  });

  test("where RBAC forbids to look elsewhere it leads, says what it cannot see, and heeds what it is told of", () => {
    const { start, pass, homes, renewed, faults } = land();
    faults.push(({ path }) => (path.includes("/v1/leases?") ? { kind: "status", status: 403 } : null));
    const others = [{ namespace: "elsewhere", name: REFERENCE }];
    const blind = start("x", all);
    pass(1_000);
    expect(homes()).toBe("x");
    expect(blind.lines).toEqual([
      'info Leading {"lease":"x/tidekeeper.sei.io","scope":"every namespace","unseen":"bc1f5b0a.sei.io and tidekeeper.sei.io in other namespaces: got 403, want to list and watch them. Apply the ClusterRole that `tidekeeper manifests` prints, or name them with --other-manager-lease"}',
    ]);
    renewed(6_000, "x", REFERENCE, "manager");
    expect(homes()).toBe("");
    void blind.leadership.stop({ isIdle: true });
    pass(30_000);
    const told = start("x", all, { lease: { namespace: "x", identity: "told", others } });
    pass(20_000);
    expect(homes()).toBe("x");
    renewed(6_000, "elsewhere", REFERENCE, "manager");
    expect([homes(), told.lines.at(-1)]).toEqual([
      "",
      'warn The reference\'s manager is alive, so nothing is written. Stop it first {"lease":"elsewhere/bc1f5b0a.sei.io","holder":"manager"}',
    ]);
  });

  test("a namespace that is not there is told with its remedy, asked for in peace, and stood in once it is there", () => {
    const { start, pass, homes, faults } = land();
    const state = { isThere: false, creations: 0 };
    faults.push(({ method, path }) => {
      if (state.isThere || method !== "PATCH" || !path.includes("/namespaces/x/")) return null;
      state.creations += 1;
      return { kind: "status", status: 404 };
    });
    const one = start("x", all);
    pass(65_000, 500);
    const line =
      'error The Lease has no namespace to be in {"lease":"x/tidekeeper.sei.io","why":"namespace x: got 404, want it. Create it with `kubectl create namespace x`, or name another with --leader-elect-namespace"}';
    expect(one.lines).toEqual([line, line]);
    expect(state.creations).toBeLessThan(35);
    state.isThere = true;
    pass(5_000);
    expect(homes()).toBe("x");
  });

  test("shards: replicas of one install share it, those of another that meets it stand by, whatever their number", () => {
    const { start, pass, homes } = land();
    const leaseOf = (home: string, identity: string, shards: number) => ({
      lease: { namespace: home, identity, shards },
    });
    start("x", all, leaseOf("x", "x-0", 4));
    pass(10);
    start("x", all, leaseOf("x", "x-1", 4));
    start("y", all, leaseOf("y", "y-0", 4));
    start("z", inA);
    pass(100);
    pass(30_000);
    expect(homes()).toBe("x,x");
  });
});
