/** The work queue in virtual time. */
import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { createQueue, type RunAgain } from "../../../src/kube/queue/queue.ts";
import { queueBackoffMs } from "../../../src/kube/queue/queue-entry.ts";
import { fixedRandom, VirtualTime } from "../../fixtures/virtual-time.ts";

interface Started {
  readonly key: string;
  readonly at: number;
  done(again?: RunAgain): void;
  fail(): void;
}

/** A queue whose runs end when the test says so. */
function queueOf(concurrency = 2) {
  const time = new VirtualTime();
  const begin = time.clock.mono();
  const started: Started[] = [];
  const failures: number[] = [];
  const took: number[] = [];
  const running = new Set<string>();
  const queue = createQueue({
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(),
    concurrency,
    report: ({ retryMs }) => failures.push(retryMs),
    onDone: (ms) => took.push(ms),
    run: (key) => {
      if (running.has(key)) throw new Error(`${key} twice at once`);
      running.add(key);
      const { promise, resolve, reject } = Promise.withResolvers<RunAgain | void>();
      started.push({
        key,
        at: time.clock.mono() - begin,
        done: (again) => (running.delete(key), resolve(again), time.settle()),
        fail: () => (running.delete(key), reject(new Error("no")), time.settle()),
      });
      return promise;
    },
  });
  const keys = () => started.map(({ key }) => key).join(" ");
  const nth = (index: number) => started.at(index) ?? expect.unreachable("no such run");
  return { time, queue, started, failures, took, running, keys, nth };
}

describe("queue", () => {
  test("a key added often waits once", () => {
    const { time, queue, keys } = queueOf();
    for (let i = 0; i < 5; i++) queue.add("a");
    expect(queue.depth).toBe(1);
    time.settle();
    expect(keys()).toBe("a");
  });

  test("a run that waits aside takes no place, and its key still runs once only", async () => {
    const { time, queue, keys, nth } = queueOf(1);
    const { promise, resolve } = Promise.withResolvers<string>();
    queue.add("a");
    time.settle();
    const waited = queue.aside(promise);
    queue.add("b");
    queue.add("a");
    time.settle();
    expect(keys()).toBe("a b");
    resolve("its turn");
    expect(await waited).toBe("its turn");
    queue.add("c");
    time.settle();
    // Two are under way again where there is one place.
    expect(keys()).toBe("a b");
    nth(0).done();
    expect(keys()).toBe("a b");
    nth(1).done();
    expect(keys()).toBe("a b c");
    nth(2).done();
    expect(keys()).toBe("a b c a");
  });

  test("tells how long runs have been under way, and how long each took", () => {
    const { time, queue, nth, took } = queueOf(2);
    queue.add("a");
    time.advance(30);
    queue.add("b");
    time.advance(20);
    expect(queue.unfinished).toEqual({ totalMs: 70, longestMs: 50 });
    nth(0).done();
    nth(1).fail();
    expect([queue.unfinished, took]).toEqual([{ totalMs: 0, longestMs: 0 }, [50, 20]]);
  });

  test("without something to run, keys wait until it is started with it", async () => {
    const time = new VirtualTime();
    const queue = createQueue({ clock: time.clock, timers: time.timers, random: fixedRandom(), concurrency: 1 });
    const keys: string[] = [];
    queue.add("a");
    time.settle();
    expect([queue.depth, keys]).toEqual([1, []]);
    queue.start(async (key) => void keys.push(key));
    time.settle();
    expect([queue.depth, keys]).toEqual([0, ["a"]]);
  });

  test("never starts a run inside the caller's turn", () => {
    const { queue, keys } = queueOf();
    queue.add("a");
    expect(keys()).toBe("");
  });

  test("a key added while it runs runs again afterwards, and not before", () => {
    const { time, queue, keys, nth } = queueOf();
    queue.add("a");
    time.settle();
    queue.add("a");
    queue.add("a");
    time.settle();
    expect(keys()).toBe("a");
    nth(0).done();
    expect(keys()).toBe("a a");
    nth(1).done();
    expect(keys()).toBe("a a");
  });

  test("no more keys run at once than allowed", () => {
    const { time, queue, keys, nth } = queueOf(2);
    for (const key of ["a", "b", "c"]) queue.add(key);
    time.settle();
    expect([keys(), queue.inFlight, queue.depth]).toEqual(["a b", 2, 1]);
    nth(0).done();
    expect(keys()).toBe("a b c");
  });

  test("urgent goes first, also when the key already waited as routine", () => {
    const { time, queue, keys, nth } = queueOf(1);
    queue.add("running");
    time.settle();
    for (const key of ["a", "b", "c"]) queue.add(key);
    queue.add("u", "urgent");
    queue.add("c", "urgent");
    queue.add("c", "routine");
    for (let i = 0; i < 5; i++) nth(i).done();
    expect(keys()).toBe("running u c a b");
  });

  test("a stream of urgent keys does not starve a routine one", () => {
    const { time, queue, keys, nth } = queueOf(1);
    queue.add("routine");
    for (let i = 0; i < 40; i++) queue.add(`u${i}`, "urgent");
    time.settle();
    for (let i = 0; i < 20; i++) nth(i).done();
    expect(keys().split(" ").indexOf("routine")).toBe(15);
  });

  test.each([
    ["the earlier of two delays counts", [500, 100], 100],
    ["in either order", [100, 500], 100],
    ["no delay means now", [500, 0], 0],
    ["a delay that is no number means now", [Number.NaN], 0],
  ] as const)("%s", (_title, delays, at) => {
    const { time, queue, started } = queueOf();
    for (const ms of delays) queue.addAfter("a", ms);
    time.advance(99);
    expect(started.length).toBe(at < 99 ? 1 : 0);
    time.advance(1);
    expect(started.map((run) => run.at)).toEqual([at]);
  });

  test("a run can name its own next time", () => {
    const { time, queue, started, nth } = queueOf();
    queue.add("a");
    time.settle();
    nth(0).done({ afterMs: 300 });
    expect(queue.delayed).toBe(1);
    time.advance(1_000);
    expect(started.map(({ at }) => at)).toEqual([0, 300]);
  });

  test("failures back off from 5 ms, doubling, and a success forgets them", () => {
    const { time, queue, failures, started } = queueOf();
    queue.add("a");
    for (let i = 0; i < 4; i++) {
      time.advance(100);
      started.at(-1)?.fail();
    }
    time.advance(100);
    started.at(-1)?.done();
    queue.add("a");
    time.settle();
    started.at(-1)?.fail();
    expect(failures).toEqual([5, 10, 20, 40, 5]);
  });

  test.each([
    [1, 0, 5],
    [4, 0, 40],
    [17, 0, 300_000],
    [5_000, 0, 300_000],
    [17, 2 ** 32 - 1, 225_000],
  ])("the wait after failure %d with the die at %d is about %d ms", (failures, u32, ms) => {
    expect(queueBackoffMs(failures, u32)).toBeCloseTo(ms, 3);
  });

  test("a removed key is forgotten, also its delay", () => {
    const { time, queue, keys } = queueOf();
    queue.add("a");
    queue.addAfter("a", 10);
    queue.addAfter("b", 10);
    queue.remove("a");
    time.advance(100);
    expect(keys()).toBe("b");
  });

  test("shutdown starts nothing more and waits for what runs", async () => {
    const { time, queue, keys, nth } = queueOf(1);
    queue.add("a");
    queue.add("b");
    queue.addAfter("c", 10);
    time.settle();
    let drained = false;
    const end = queue.shutdown().then(() => (drained = true));
    queue.add("d");
    time.advance(100);
    expect([keys(), drained]).toEqual(["a", false]);
    nth(0).done({ afterMs: 5 });
    await end;
    time.advance(100);
    expect([keys(), time.armed, queue.depth, queue.delayed]).toEqual(["a", 0, 0, 0]);
  });

  test("shutdown of an idle queue is over at once", async () => {
    await queueOf().queue.shutdown();
  });

  test("the longest wait is that of the key that stands longest", () => {
    const { time, queue } = queueOf(1);
    queue.add("running");
    time.settle();
    queue.add("a");
    time.advance(30);
    queue.add("u", "urgent");
    time.advance(20);
    expect(queue.oldestWaitMs).toBe(50);
  });

  test("ten thousand delayed keys need one timer", () => {
    const { time, queue } = queueOf();
    for (let i = 0; i < 10_000; i++) queue.addAfter(`k${i}`, 1_000 + ((i * 7_919) % 10_000));
    expect([time.armed, queue.delayed]).toEqual([1, 10_000]);
  });

  test("whatever is asked in whatever order, nothing runs twice at once and every added key runs", () => {
    fc.assert(fc.property(fc.array(anAct, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), playActs), {
      numRuns: 300,
    });
  });
});

const aKey = fc.constantFrom<string>("a", "b", "c", "d");
const anAct = fc.oneof(
  fc.record({ op: fc.constant("add" as const), key: aKey, urgent: fc.boolean() }),
  fc.record({ op: fc.constant("after" as const), key: aKey, ms: fc.integer({ min: -1, max: 50 }) }),
  fc.record({ op: fc.constant("end" as const), key: aKey, how: fc.constantFrom("done", "again", "fail") }),
  fc.record({ op: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 60 }) }),
);
type Act = typeof anAct extends fc.Arbitrary<infer A> ? A : never;

test("what is added and how long it waits for its turn are told, once for a key that waits already", () => {
  const time = new VirtualTime();
  const told: (string | number)[] = [];
  const ends: (() => void)[] = [];
  const queue = createQueue({
    clock: time.clock,
    timers: time.timers,
    random: fixedRandom(),
    concurrency: 1,
    run: () => new Promise((resolve) => ends.push(resolve)),
    onAdd: () => told.push("added"),
    onTurn: (waitedMs) => told.push(waitedMs),
  });
  queue.add("a");
  time.settle();
  queue.add("b");
  queue.add("b");
  time.advance(30);
  ends[0]?.();
  time.settle();
  expect(told).toEqual(["added", 0, "added", 30]);
});

function play(act: Act, { queue, time, started, running }: ReturnType<typeof queueOf>): void {
  switch (act.op) {
    case "add":
      return queue.add(act.key, act.urgent ? "urgent" : "routine");
    case "after":
      return queue.addAfter(act.key, act.ms);
    case "advance":
      return time.advance(act.ms);
    case "end": {
      if (!running.has(act.key)) return;
      const run = started.findLast(({ key }) => key === act.key);
      if (act.how === "fail") run?.fail();
      else run?.done(act.how === "again" ? { afterMs: 7 } : undefined);
    }
  }
}

function playActs(acts: readonly Act[], concurrency: number): void {
  const parts = queueOf(concurrency);
  const { queue, time, started, running } = parts;
  const owed = new Set<string>();
  let seen = 0;
  const note = () => {
    for (; seen < started.length; seen++) owed.delete(started[seen]?.key ?? "");
    expect(running.size).toBeLessThanOrEqual(concurrency);
    expect(queue.depth).toBeLessThanOrEqual(4);
    expect(queue.delayed).toBeLessThanOrEqual(4);
  };
  for (const act of acts) {
    play(act, parts);
    if (act.op === "add" || act.op === "after") owed.add(act.key);
    note();
  }
  for (let round = 0; round < 200 && (owed.size > 0 || running.size > 0); round++) {
    for (const key of Array.from(running)) play({ op: "end", key, how: "done" }, parts);
    time.advance(60);
    note();
  }
  expect([...owed, ...running]).toEqual([]);
}
