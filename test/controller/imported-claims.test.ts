/** The reads of imported claims: when, and how seldom. */
import { beforeEach, describe, expect, test } from "bun:test";
import { importedClaims, type ImportedClaims } from "../../src/controller/imported-claims.ts";
import type { SeiNode } from "../../src/model/index.ts";
import type { Result } from "../../src/kube/client/index.ts";
import { aPod, aStatefulSet, Stage } from "../fixtures/stage.ts";
import { emptyCaches } from "./filled-caches.ts";
import { failing, giving, scriptedClient } from "./scripted-client.ts";

const KEY = "sei/node";
const signal = new AbortController().signal;

function raw(uid: string): Result<unknown> {
  return giving({
    metadata: { namespace: "sei", name: "old", uid, resourceVersion: "9" },
    spec: { accessModes: ["ReadWriteOnce"], volumeName: "pv" },
    status: { phase: "Bound", capacity: { storage: "10Gi" } },
  });
}

let now = 0;
let node: SeiNode;
beforeEach(() => {
  now = 1_000_000;
  const stage = new Stage();
  stage.raw.status["dataVolume"] = { claimName: "old", uid: "old-1" };
  node = stage.node();
});

function imports(replies: readonly Result<unknown>[], wanted: string | null = "old") {
  const { client, asked } = scriptedClient(replies);
  const caches = emptyCaches();
  caches.nodes.writer.upsert(node);
  caches.statefulSets.writer.upsert(aStatefulSet("v1"));
  caches.pods.writer.upsert(aPod("pod-1"));
  const nodesIn = async () => ({ kind: "ok", value: [] }) as const;
  const wish = wanted === null ? null : { name: wanted, leastSize: "10Gi" };
  const made = importedClaims({ client, caches, clock: { mono: () => now }, nodesIn, wanted: () => wish });
  return { made, asked, caches };
}

const seen = (made: ImportedClaims): string | null | undefined => {
  const claim = made.claimOf(node);
  return claim === null || claim === undefined ? claim : claim.uid;
};

describe("an imported claim", () => {
  test("of a node that imports none is not asked for, and is nobody's business here", async () => {
    const { made, asked } = imports([], null);
    await made.refreshDue(KEY, signal);
    expect([seen(made), asked.length]).toEqual([undefined, 0]);
  });

  test("is read once, and then only for another Pod or after five minutes", async () => {
    const { made, asked, caches } = imports([raw("old-1"), raw("old-2"), raw("old-2"), raw("old-3")]);
    const looks: [string, () => void, number, string][] = [
      ["first seen", () => undefined, 1, "old-1"],
      ["nothing happened", () => void (now += 299_000), 1, "old-1"],
      ["the Pod is gone", () => caches.pods.writer.remove("sei/node-0", null), 2, "old-2"],
      ["nothing happened again", () => void (now += 1000), 2, "old-2"],
      ["another Pod", () => caches.pods.writer.upsert(aPod("pod-2", { resourceVersion: "2" })), 3, "old-2"],
      ["five minutes", () => void (now += 300_000), 4, "old-3"],
    ];
    for (const [, happens, reads, uid] of looks) {
      happens();
      await made.refreshDue(KEY, signal);
      expect([asked.length, seen(made)]).toEqual([reads, uid]);
    }
    expect(asked.map(({ verb, what }) => `${verb} ${what}`)).toEqual(Array(4).fill("get persistentvolumeclaims/old"));
  });

  test("that is gone is null, which is no evidence only for one that was never read", async () => {
    const { made } = imports([failing("notFound")]);
    // Before any read: what init completed on is believed.
    expect(seen(made)).toBe("old-1");
    await made.refreshDue(KEY, signal);
    expect(seen(made)).toBeNull();
  });

  test("that cannot be read stays as it was known, and is asked for again soon", async () => {
    const { made, asked } = imports([failing("serverError"), raw("old-2"), failing("deadline"), raw("old-3")]);
    await made.refreshDue(KEY, signal);
    expect(seen(made)).toBe("old-1");
    await made.refreshDue(KEY, signal);
    expect(seen(made)).toBe("old-2");
    now += 300_000;
    await made.refreshDue(KEY, signal);
    expect(seen(made)).toBe("old-2");
    now += 1999;
    await made.refreshDue(KEY, signal);
    expect(asked.length).toBe(3);
    now += 1;
    await made.refreshDue(KEY, signal);
    expect(seen(made)).toBe("old-3");
  });

  test("is not believed under another name than the one that init completed on", () => {
    const { made } = imports([], "new");
    expect(seen(made)).toBeNull();
  });

  test("that a task reads live is known from then on", async () => {
    const { made } = imports([raw("old-7")]);
    expect(await made.port.claim(node)).toMatchObject({ kind: "ok", value: { uid: "old-7", volumeName: "pv" } });
    expect(seen(made)).toBe("old-7");
  });

  test("is read anew by a new leader, and is forgotten with its node", async () => {
    const { made, asked, caches } = imports([raw("old-1"), raw("old-2"), raw("old-3")]);
    await made.refreshDue(KEY, signal);
    made.forget();
    await made.refreshDue(KEY, signal);
    expect(asked.length).toBe(2);
    caches.nodes.writer.remove(KEY, null);
    await made.refreshDue(KEY, signal);
    caches.nodes.writer.upsert({ ...node, metadata: { ...node.metadata, resourceVersion: "2" } });
    await made.refreshDue(KEY, signal);
    expect([asked.length, seen(made)]).toEqual([3, "old-3"]);
  });
});

test("who else uses a claim is told from the nodes and Pods that are known", () => {
  const { made, caches } = imports([]);
  expect(made.port.rival(node)).toBeNull();
  caches.pods.writer.upsert(aPod("other", { name: "b-0", node: "b", claims: ["old"] }));
  expect(made.port.rival(node)).toEqual({ who: "Pod b-0", isLeaving: true });
});
