/** Why no Pod comes is asked for seldom, in turn, and by nobody who waits. */
import { expect, test } from "bun:test";
import { type NoPodOptions, type NoPods, noPods } from "../../src/controller/no-pod.ts";
import { readFailedCreate } from "../../src/controller/set-events.ts";
import type { PodView, SeiNode, StatefulSetView } from "../../src/model/index.ts";
import { aPod, aStatefulSet, Stage } from "../fixtures/stage.ts";

const QUOTA = 'create Pod n-0 in StatefulSet n failed error: pods "n-0" is forbidden: exceeded quota: q';

function event(reason: string, note: string, at: string): object {
  return { reason, note, metadata: {}, deprecatedLastTimestamp: at };
}

const FAILED = event("FailedCreate", QUOTA, "2026-01-01T00:00:05Z");

/** A cluster of nodes without Pods, and an API server that says the same of all. */
class Scene {
  now = 0;
  /** Status and body of a list of Events, null = no answer; and of a Pod read by name. */
  events: [number, unknown] | null = [200, { items: [FAILED] }];
  pod: [number, unknown] = [404, {}];
  pods = new Map<string, PodView>();
  set: StatefulSetView | null = aStatefulSet("v1");
  asked: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;
  enqueued: string[] = [];
  #timers: { at: number; run: () => void }[] = [];
  #made: NoPods;

  constructor() {
    const options: NoPodOptions = {
      api: {
        request: async ({ path }, { deadlineMs, maxBytes }) => {
          expect([deadlineMs, maxBytes]).toEqual([5000, 524_288]);
          this.asked.push(path);
          this.atOnce += 1;
          this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
          await Bun.sleep(0);
          this.atOnce -= 1;
          const reply = path.includes("/events") ? this.events : this.pod;
          if (reply === null) throw new Error("no answer");
          return { status: reply[0], headers: {}, body: new TextEncoder().encode(JSON.stringify(reply[1])) };
        },
        stream: () => Promise.reject(new Error("no stream")),
      },
      clock: { mono: () => this.now },
      timers: {
        after: (ms, run) => {
          this.#timers.push({ at: this.now + ms, run });
          return () => undefined;
        },
      },
      node: (key) => nodeNamed(key.slice("sei/".length)),
      owned: ({ metadata }) => ({ pod: this.pods.get(metadata.name) ?? null, statefulSet: this.set }),
      signal: new AbortController().signal,
    };
    this.#made = noPods(options);
    this.#made.subscribe((key) => void this.enqueued.push(key));
  }

  of(name = "n"): string | null {
    const owned = { pod: this.pods.get(name) ?? null, statefulSet: this.set };
    return this.#made.of(nodeNamed(name), owned)?.message ?? null;
  }

  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      for (let turn = 0; turn < 6; turn += 1) await Bun.sleep(0);
      const [next] = this.#timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
  }

  get lists(): number {
    return this.asked.filter((path) => path.includes("/events")).length;
  }
}

function nodeNamed(name: string): SeiNode {
  const node = new Stage().node();
  return { ...node, metadata: { ...node.metadata, name, uid: name } };
}

test("a Pod that has not come for three seconds is asked after, once, and what is found enqueues the node", async () => {
  const scene = new Scene();
  expect(scene.of()).toBeNull();
  await scene.pass(2900);
  expect([scene.of(), scene.asked.length].map(String)).toEqual(["null", "0"]);
  await scene.pass(1000);
  expect(scene.asked[0]).toBe(
    "/apis/events.k8s.io/v1/namespaces/sei/events?fieldSelector=regarding.kind%3DStatefulSet%2Cregarding.uid%3Dsts-uid&limit=100",
  );
  expect([scene.of(), scene.enqueued]).toEqual([`StatefulSet node: FailedCreate: over quota: ${QUOTA}`, ["sei/n"]]);
  for (let second = 0; second < 50; second += 1) {
    scene.of();
    await scene.pass(1000);
  }
  expect(scene.lists).toBe(1);
});

test("a Pod that comes in time costs no list, and one that comes later is asked after no more", async () => {
  const scene = new Scene();
  scene.of();
  scene.pods.set("n", aPod("pod-1"));
  await scene.pass(10_000);
  expect([scene.of(), scene.lists].map(String)).toEqual(["null", "0"]);
  scene.pods.clear();
  scene.of();
  await scene.pass(4000);
  expect(scene.of()).toContain("FailedCreate");
  scene.pods.set("n", aPod("pod-2"));
  expect(scene.of()).toBeNull();
  await scene.pass(300_000);
  expect(scene.lists).toBe(1);
});

test.each<[string, (scene: Scene) => void]>([
  ["a set of no replicas", (scene) => (scene.set = { ...aStatefulSet("v1"), replicas: 0 })],
  ["a set on its way out", (scene) => (scene.set = { ...aStatefulSet("v1"), deleting: true })],
  ["no set", (scene) => (scene.set = null)],
])("%s lacks no Pod", async (_title, change) => {
  const scene = new Scene();
  change(scene);
  scene.of();
  await scene.pass(60_000);
  expect([scene.of(), scene.asked.length].map(String)).toEqual(["null", "0"]);
});

test("a fleet without Pods is asked after one at a time, four a second, and no more of it than a minute's", async () => {
  const scene = new Scene();
  for (let node = 0; node < 1000; node += 1) scene.of(`n${node}`);
  await scene.pass(13_000);
  expect(scene.mostAtOnce).toBe(1);
  expect(scene.lists).toBeLessThanOrEqual(41);
  await scene.pass(600_000);
  expect(new Set(scene.enqueued).size).toBe(512);
});

test("who may not list Events is told so, and does not ask again for ten minutes", async () => {
  const scene = new Scene();
  scene.events = [403, { kind: "Status", reason: "Forbidden", message: "no" }];
  for (const name of ["a", "b", "c"]) scene.of(name);
  await scene.pass(5000);
  for (const name of ["a", "b", "c"]) {
    expect(scene.of(name)).toStartWith("StatefulSet node: EventsForbidden: no Pod comes, and why may not be read");
  }
  expect(scene.lists).toBe(1);
  scene.events = [200, { items: [FAILED] }];
  await scene.pass(601_000);
  scene.of("a");
  await scene.pass(1000);
  expect(scene.of("a")).toContain("FailedCreate");
});

test("a Pod that lost its label is told so, with the way out", async () => {
  const scene = new Scene();
  scene.pod = [200, { metadata: { name: "n-0", labels: { other: "x" } } }];
  scene.of();
  await scene.pass(4000);
  expect(scene.of()).toBe(
    "StatefulSet node: LabelMissing: Pod n-0 stands there without the label sei.io/node=n. Give it back: kubectl label pod n-0 -n sei --overwrite sei.io/node=n",
  );
});

test.each<[string, Scene["events"]]>([
  ["no answer", null],
  ["an answer that is none", [200, "x"]],
  ["an API server in trouble", [500, {}]],
  ["no Events", [200, { items: [] }]],
])("%s says nothing, and is asked for again", async (_title, events) => {
  const scene = new Scene();
  scene.events = events;
  scene.of();
  await scene.pass(4000);
  expect([scene.of(), scene.enqueued.length].map(String)).toEqual(["null", "0"]);
  scene.events = [200, { items: [FAILED] }];
  await scene.pass(16_000);
  scene.of();
  await scene.pass(1000);
  expect(scene.of()).toContain("FailedCreate");
});

test.each<[string, readonly object[], string | null]>([
  ["none", [], null],
  ["a failure", [FAILED], `over quota: ${QUOTA}`],
  ["a failure before a success", [FAILED, event("SuccessfulCreate", "x", "2026-01-01T00:00:09Z")], null],
  ["both in one second", [FAILED, event("SuccessfulCreate", "x", "2026-01-01T00:00:05Z")], null],
  [
    "a failure after a success",
    [event("SuccessfulCreate", "x", "2026-01-01T00:00:01Z"), FAILED],
    `over quota: ${QUOTA}`,
  ],
  ["two failures", [event("FailedCreate", "a", "2026-01-01T00:00:09Z"), FAILED], "a"],
  ["other things", [event("FailedUpdate", "x", "2026-01-01T00:00:09Z")], null],
  [
    "a failure that was told again by the newer API",
    [
      event("SuccessfulCreate", "x", "2026-01-01T00:00:09Z"),
      { ...FAILED, series: { lastObservedTime: "2026-01-01T00:01:00.000000Z" } },
    ],
    `over quota: ${QUOTA}`,
  ],
])("of Events that tell of %s", (_title, events, want) => {
  expect(readFailedCreate(events)).toBe(want);
});
