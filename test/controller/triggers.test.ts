/** Which changes trigger which nodes. */
import { beforeEach, describe, expect, test } from "bun:test";
import { triggerOnChanges } from "../../src/controller/triggers.ts";
import type { PodView } from "../../src/model/index.ts";
import { aClaim, aJob, aPod, aService, aStatefulSet, Stage } from "../fixtures/stage.ts";
import { emptyCaches } from "./filled-caches.ts";

const node = new Stage().node();
let caches = emptyCaches();
let triggered: string[] = [];
const listeners = new Set<(key: string) => void>();
const noPods = {
  subscribe(listener: (key: string) => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
let unsubscribe = (): void => undefined;

beforeEach(() => {
  listeners.clear();
  caches = emptyCaches();
  caches.nodes.writer.upsert(node);
  caches.pods.writer.upsert(aPod("pod-1"));
  caches.claims.writer.upsert(aClaim("claim-1"));
  triggered = [];
  unsubscribe = triggerOnChanges({ caches, noPods }, (key, trigger) => void triggered.push(`${key} ${trigger}`));
});

function version<T extends { readonly resourceVersion: string }>(object: T, resourceVersion = "2"): T {
  return { ...object, resourceVersion };
}

describe("a node", () => {
  const newer = { ...node, metadata: { ...node.metadata, resourceVersion: "2" } };

  test("is triggered by what the watch tells of it", () => {
    caches.nodes.writer.upsert(newer);
    caches.nodes.writer.remove("sei/node", null);
    expect(triggered).toEqual(["sei/node node", "sei/node node"]);
  });

  test("is not triggered by the reply to our own patch, nor by its echo", () => {
    caches.nodes.accept(newer);
    caches.nodes.writer.upsert(newer);
    expect(triggered).toEqual([]);
  });
});

describe("a Pod triggers its node", () => {
  const container = (change: object): PodView => {
    const pod = aPod("pod-1");
    return { ...pod, containers: pod.containers.map((one) => ({ ...one, ...change })) };
  };

  test.each<[string, PodView]>([
    ["is another", aPod("pod-2")],
    ["has another address", aPod("pod-1", { ip: "10.0.0.2" })],
    ["is being deleted", aPod("pod-1", { deleting: true })],
    ["has ended", aPod("pod-1", { phase: "Failed" })],
    ["is of another revision", aPod("pod-1", { revision: "v2" })],
    ["had a container started again", container({ restartCount: 1 })],
    ["had a container stopped", container({ state: "terminated" })],
    ["was given another image", container({ image: "other" })],
    ["has lost its owner", aPod("pod-1", { ownerUid: null, ownerKind: null })],
    ["is of another component", aPod("pod-1", { component: "bootstrap" })],
    ["was given the label of a node that is not known", aPod("pod-1", { node: "other" })],
  ])("when it %s", (_title, pod) => {
    caches.pods.writer.upsert(version(pod));
    expect(triggered).toEqual(["sei/node pod"]);
  });

  test("when it goes", () => {
    caches.pods.writer.remove("sei/node-0", null);
    expect(triggered).toEqual(["sei/node pod"]);
  });

  test("and not when only what no sidecar depends on changed", () => {
    caches.pods.writer.upsert(version(aPod("pod-1", { ready: false })));
    expect(triggered).toEqual([]);
  });

  test("also when the news came by the reply to a live read", () => {
    caches.pods.accept(version(aPod("pod-2")));
    expect(triggered).toEqual(["sei/node pod"]);
  });
});

describe("an owned object triggers its node", () => {
  test("when it comes, and not when the reply to our own write tells of it", () => {
    caches.statefulSets.writer.upsert(aStatefulSet("v1"));
    caches.services.writer.upsert(aService());
    caches.jobs.writer.upsert(aJob());
    expect(triggered).toEqual(["sei/node owned", "sei/node owned", "sei/node owned"]);
    caches.statefulSets.accept(version(aStatefulSet("v2")));
    caches.services.accept(version(aService()));
    caches.jobs.accept(version(aJob()));
    expect(triggered.length).toBe(3);
  });

  test("a claim only when it is another, or gone", () => {
    caches.claims.writer.upsert(version({ ...aClaim("claim-1"), phase: "Lost" }));
    expect(triggered).toEqual([]);
    caches.claims.writer.upsert(version(aClaim("claim-2"), "3"));
    caches.claims.writer.remove("sei/data-node", null);
    expect(triggered).toEqual(["sei/node owned", "sei/node owned"]);
  });
});

describe("an object that was given the label of another node", () => {
  beforeEach(() => {
    const { metadata } = node;
    caches.nodes.writer.upsert({
      ...node,
      metadata: { ...metadata, name: "other", uid: "other", resourceVersion: "2" },
    });
    caches.statefulSets.writer.upsert(aStatefulSet("v1"));
    caches.services.writer.upsert(aService());
    caches.jobs.writer.upsert(aJob());
    triggered = [];
  });

  const moved = { node: "other" };

  test.each<[string, () => void]>([
    ["StatefulSet", () => caches.statefulSets.writer.upsert(version({ ...aStatefulSet("v1"), ...moved }, "9"))],
    ["Service", () => caches.services.writer.upsert(version({ ...aService(), ...moved }, "9"))],
    ["Job", () => caches.jobs.writer.upsert(version({ ...aJob(), ...moved }, "9"))],
    ["claim", () => caches.claims.writer.upsert(version({ ...aClaim("claim-1"), ...moved }, "9"))],
    ["Pod", () => caches.pods.writer.upsert(version(aPod("pod-1", moved), "9"))],
  ])("triggers both: a %s", (_kind, move) => {
    move();
    expect(new Set(triggered.map((one) => one.split(" ")[0]))).toEqual(new Set(["sei/node", "sei/other"]));
  });
});

test("objects of a node that is not known, as one that the selector leaves out, trigger nothing", () => {
  const others = { node: "other", name: "other-0" };
  caches.pods.writer.upsert({ ...aPod("pod-9"), ...others });
  caches.statefulSets.writer.upsert({ ...aStatefulSet("v1"), ...others });
  caches.services.writer.upsert({ ...aService(), ...others });
  caches.claims.writer.upsert({ ...aClaim("claim-9"), ...others });
  caches.jobs.writer.upsert({ ...aJob(), ...others });
  expect(triggered).toEqual([]);
});

test("nothing is triggered after the end", () => {
  unsubscribe();
  caches.pods.writer.remove("sei/node-0", null);
  caches.nodes.writer.remove("sei/node", null);
  expect(triggered).toEqual([]);
});

test("what is found out about a node without a Pod enqueues it, until the end", () => {
  for (const tell of listeners) tell("sei/node");
  expect(triggered).toEqual(["sei/node owned"]);
  unsubscribe();
  expect(listeners.size).toBe(0);
});
