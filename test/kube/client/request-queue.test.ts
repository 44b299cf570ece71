/** The order of requests by priority. */
import { describe, expect, test } from "bun:test";
import { createRequestQueue, type RequestPriority } from "../../../src/kube/client/request-queue.ts";
import type { ApiTransport, HttpResponse } from "../../../src/base/index.ts";
import { VirtualTime } from "../../fixtures/virtual-time.ts";

const REPLY: HttpResponse = { status: 200, headers: {}, body: new Uint8Array() };
const GET = { method: "GET", path: "/" } as const;

function stage(places: number) {
  const time = new VirtualTime();
  const queue = createRequestQueue({ clock: time.clock, timers: time.timers, places });
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (priority: RequestPriority, name: string): void =>
    void queue.enter(priority).then((leave) => ends.push(leave) + log.push(name));
  const leaveOne = (): void => {
    ends.shift()?.();
    time.settle();
  };
  return { time, queue, log, enter, leaveOne };
}

describe("requests that wait", () => {
  test("who acts goes before who opens, who opens before who tidies up, and Events come last", () => {
    const { time, log, enter, leaveOne } = stage(1);
    enter("telling", "first");
    enter("telling", "event");
    enter("closing", "closing");
    enter("opening", "opening");
    enter("acting", "acting");
    time.settle();
    for (let i = 0; i < 4; i += 1) leaveOne();
    expect(log).toEqual(["first", "acting", "opening", "closing", "event"]);
  });

  test("a place in 64 goes to what tidies up and one in 256 to Events, so nobody waits for ever", () => {
    const { time, log, enter, leaveOne } = stage(1);
    for (let i = 0; i < 600; i += 1) enter("opening", "o");
    for (let i = 0; i < 200; i += 1) enter("closing", "c");
    for (let i = 0; i < 200; i += 1) enter("telling", "t");
    time.settle();
    for (let i = 0; i < 512; i += 1) leaveOne();
    const count = (name: string): number => log.filter((one) => one === name).length;
    expect([count("c"), count("t")]).toEqual([6, 2]);
  });

  test("what is hastened goes on at the priority above, and nothing else does", () => {
    const { time, log, queue, enter, leaveOne } = stage(1);
    enter("opening", "first");
    for (const about of [7, 8]) void queue.enter("closing", about).then(() => log.push(`about ${about}`));
    enter("opening", "opening");
    time.settle();
    queue.hasten(8);
    expect([queue.waiting("opening"), queue.waiting("closing")]).toEqual([2, 1]);
    leaveOne();
    leaveOne();
    expect(log).toEqual(["first", "opening", "about 8"]);
  });

  test("no more are under way than there are places", () => {
    const { time, log, enter, leaveOne, queue } = stage(2);
    for (const name of ["a", "b", "c", "d"]) enter("opening", name);
    time.settle();
    expect([log.length, queue.waiting("opening")]).toEqual([2, 2]);
    leaveOne();
    leaveOne();
    expect([log.length, queue.waiting("opening")]).toEqual([4, 0]);
    for (let i = 0; i < 4; i += 1) leaveOne();
    enter("telling", "e");
    time.settle();
    expect(log.at(-1)).toBe("e");
  });

  /** A transport whose requests hang, and what deadline each was given. */
  function hanging() {
    const given: number[] = [];
    const { promise, resolve } = Promise.withResolvers<HttpResponse>();
    const transport: ApiTransport = {
      request: (_request, { deadlineMs }) => {
        given.push(deadlineMs);
        return promise;
      },
      stream: () => Promise.reject(new Error("no streams here")),
    };
    return { transport, given, resolve };
  }

  test("waiting to act counts in the deadline of the call, waiting to tell does not", () => {
    const { time, queue } = stage(1);
    const { transport, given, resolve } = hanging();
    const limits = { deadlineMs: 3000, maxBytes: 10 };
    for (const priority of ["acting", "acting", "telling"] as const)
      void queue.over(transport, priority).request(GET, limits);
    time.advance(1000);
    resolve(REPLY);
    time.settle();
    expect(given).toEqual([3000, 2000, 3000]);
  });

  test("a call that gets no place in time was not sent, and its place is nobody's", async () => {
    const { time, queue } = stage(1);
    const { transport, given, resolve } = hanging();
    const over = queue.over(transport, "acting");
    void over.request(GET, { deadlineMs: 9000, maxBytes: 10 });
    const late = over.request(GET, { deadlineMs: 3000, maxBytes: 10 }).catch((error: unknown) => error);
    time.advance(3000);
    expect(await late).toMatchObject({ code: "DEADLINE" });
    expect([given.length, queue.waiting("acting")]).toEqual([1, 0]);
    resolve(REPLY);
    time.settle();
    expect(await over.request(GET, { deadlineMs: 1000, maxBytes: 10 })).toEqual(REPLY);
  });

  test("a permit is asked when there is a place, and a refused call gives it back", async () => {
    const { time, queue } = stage(1);
    const { transport, given, resolve } = hanging();
    const over = queue.over(transport, "acting");
    void over.request(GET, { deadlineMs: 9000, maxBytes: 10 });
    let mayAct = true;
    const limits = { deadlineMs: 9000, maxBytes: 10, permit: () => (mayAct ? null : "lost") };
    const waits = over.request(GET, limits).catch((error: unknown) => error);
    mayAct = false;
    resolve(REPLY);
    time.settle();
    expect(await waits).toMatchObject({ code: "WITHHELD", message: "lost" });
    expect(given.length).toBe(1);
    expect(await over.request(GET, { deadlineMs: 1000, maxBytes: 10 })).toEqual(REPLY);
  });

  test("a request that fails gives its place back", async () => {
    const { time, queue } = stage(1);
    const failing: ApiTransport = {
      request: () => Promise.reject(new Error("no")),
      stream: () => Promise.reject(new Error("no")),
    };
    const over = queue.over(failing, "telling");
    const failed = over.request(GET, { deadlineMs: 1000, maxBytes: 10 }).catch(() => "failed");
    time.settle();
    expect(await failed).toBe("failed");
    const entered: string[] = [];
    void queue.enter("telling").then(() => entered.push("entered"));
    time.settle();
    expect(entered).toEqual(["entered"]);
  });
});
