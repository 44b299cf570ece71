/** Failing watches in the log: one line for one cause, again each minute, and its end. */
import { expect, test } from "bun:test";
import { watchLog, type WatchLog } from "../../src/controller/watch-log.ts";
import type { ReflectorReport } from "../../src/kube/watch/index.ts";
import { VirtualTime } from "../fixtures/virtual-time.ts";

type Told = readonly [message: string, fields: Readonly<Record<string, unknown>>];

function setUp() {
  const time = new VirtualTime();
  const told: Told[] = [];
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void told.push([message, fields]);
  const change = (_key: string, _level: string, message: string, fields = {}): void => write(message, fields);
  const log: WatchLog = watchLog({
    log: { info: write, warn: write, change },
    clock: time.clock,
    timers: time.timers,
    server: "https://10.0.0.1:6443",
  });
  return { time, told, log };
}

const RESOURCES = ["seinodes.sei.io", "pods", "statefulsets.apps", "services", "persistentvolumeclaims", "jobs.batch"];

function trouble(
  resource: string,
  change: Partial<Extract<ReflectorReport, { waitMs: number }>> = {},
): ReflectorReport {
  const refused = { verb: "watch", why: "got connection refused, want a reply", status: 0 } as const;
  return { type: "retry", resource, failures: 1, waitMs: 800, ...refused, ...change };
}

test("six watches that meet one cause are one line with the remedy, one more each minute, and one at its end", () => {
  const { time, told, log } = setUp();
  for (let second = 0; second < 150; second += 1) {
    for (const resource of RESOURCES) log.tell(trouble(resource));
    time.advance(1000);
  }
  const resource = "jobs.batch, persistentvolumeclaims, pods, seinodes.sei.io, services, statefulsets.apps";
  expect(told.map(([message, fields]) => [message, fields["resource"], fields["lastedSeconds"] ?? 0])).toEqual([
    ["A watch failed", resource, 0],
    ["A watch failed", resource, 62],
    ["A watch failed", resource, 122],
  ]);
  expect(told[0]?.[1]).toMatchObject({
    why: "got connection refused, want a reply",
    server: "https://10.0.0.1:6443",
    hint: expect.stringContaining("Is the API server up"),
  });
  for (const one of RESOURCES) log.tell({ type: "working", resource: one });
  time.advance(5000);
  expect(told.slice(3)).toEqual([["Watches work again", { resource, lastedSeconds: 150 }]]);
  time.advance(600_000);
  expect(told.length).toBe(4);
});

test.each<[string, Parameters<typeof trouble>[1], string]>([
  [
    "a missing CRD",
    { status: 404, why: "got 404 404 page not found, want 200" },
    "tidekeeper manifests | kubectl apply",
  ],
  ["a 401", { type: "denied", status: 401, why: "got 401 Unauthorized, want 200" }, "Check the credentials"],
  ["a 403", { type: "denied", status: 403, why: "got 403 Forbidden, want 200" }, "tidekeeper manifests"],
  ["silence", { type: "dead", why: "got nothing" }, "a load balancer"],
  ["a 500", { status: 500, why: "got 500 InternalError, want 200" }, "Is the API server well?"],
])("%s is told with what to do", (_title, change, hint) => {
  const { time, told, log } = setUp();
  log.tell(trouble("seinodes.sei.io", change));
  time.advance(1500);
  expect(told.map(([, fields]) => fields["hint"])).toEqual([expect.stringContaining(hint)]);
  time.advance(60_000);
  expect(told.length).toBe(2);
});

test("refusals are one cause, though each names its resource", () => {
  const { time, told, log } = setUp();
  for (const resource of RESOURCES) {
    log.tell(trouble(resource, { type: "denied", status: 403, why: `got 403 Forbidden: ${resource} is forbidden` }));
  }
  time.advance(2000);
  expect(told.length).toBe(1);
});

test("a blip that is over at once is not told; one that comes back within seconds is no end", () => {
  const { time, told, log } = setUp();
  log.tell(trouble("pods"));
  time.advance(1400);
  log.tell({ type: "working", resource: "pods" });
  time.advance(10_000);
  expect(told).toEqual([]);
  for (let round = 0; round < 5; round += 1) {
    log.tell(trouble("pods"));
    time.advance(2000);
    log.tell({ type: "working", resource: "pods" });
    time.advance(2000);
  }
  time.advance(5000);
  expect(told.map(([message]) => message)).toEqual(["A watch failed", "Watches work again"]);
});

test("a cause that turns into another is told as that, and its end once", () => {
  const { time, told, log } = setUp();
  log.tell(trouble("pods"));
  time.advance(2000);
  log.tell(trouble("pods", { type: "denied", status: 401, why: "got 401 Unauthorized, want 200" }));
  time.advance(2000);
  log.tell({ type: "working", resource: "pods" });
  time.advance(70_000);
  expect(told.map(([message, { status = "" }]) => `${message} ${String(status)}`)).toEqual([
    "A watch failed 0",
    "A watch failed 401",
    "Watches work again ",
  ]);
});

test("an end is told also of a watch that failed in another way for a moment before it", () => {
  const { time, told, log } = setUp();
  log.tell(trouble("seinodes.sei.io", { status: 404, why: "got 404 page not found, want 200" }));
  time.advance(2000);
  log.tell(trouble("seinodes.sei.io", { status: 503, why: "got 503, want 200" }));
  time.advance(500);
  log.tell({ type: "working", resource: "seinodes.sei.io" });
  time.advance(70_000);
  expect(told.map(([message]) => message)).toEqual(["A watch failed", "Watches work again"]);
});

test("while one of those that were told fails still, no end is told", () => {
  const { time, told, log } = setUp();
  log.tell(trouble("pods"));
  log.tell(trouble("services"));
  time.advance(2000);
  log.tell({ type: "working", resource: "pods" });
  time.advance(62_000);
  expect(told.map(([message, { resource }]) => `${message}: ${String(resource)}`)).toEqual([
    "A watch failed: pods, services",
    "A watch failed: services",
  ]);
});

test("its end leaves no timer", () => {
  const { time, told, log } = setUp();
  log.tell(trouble("pods"));
  log.stop();
  time.advance(600_000);
  expect(told).toEqual([]);
});
