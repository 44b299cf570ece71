/** What stands around a node, read live: what is there enters the stores, what is gone leaves them. */
import { expect, test } from "bun:test";
import { createStores } from "../../src/controller/caches.ts";
import { readOwnedLive } from "../../src/controller/read-owned-live.ts";
import type { FailureKind, KubeClient, ResourceRef } from "../../src/kube/client/index.ts";
import { aClaim, aPod, aStatefulSet } from "../fixtures/stage.ts";

const KEY = "sei/node";

function look(
  answers: Readonly<Record<string, unknown>>,
  failure: FailureKind = "notFound",
  meanwhile: (caches: ReturnType<typeof createStores>) => void = () => undefined,
) {
  const caches = createStores();
  const asked: string[] = [];
  caches.pods.writer.replace([aPod("old")], "5");
  caches.claims.writer.replace([aClaim("claim-1")], "5");
  caches.statefulSets.writer.replace([aStatefulSet("v1")], "5");
  const get: KubeClient["get"] = async ({ plural, name }: ResourceRef) => {
    asked.push(`${plural}/${name}`);
    // When all of them are on their way.
    await Promise.resolve();
    meanwhile(caches);
    const value = answers[plural];
    if (value !== undefined) return { ok: true, value };
    return {
      ok: false,
      failure: { kind: failure, status: 0, reason: "", message: "", retryAfterMs: null, maybeDone: false },
    };
  };
  const refresh = async (key: string): Promise<boolean> => asked.push(key) > 0;
  return { caches, asked, done: readOwnedLive({ client: { get }, caches, refresh }, KEY) };
}

const claim = {
  metadata: {
    namespace: "sei",
    name: "data-node",
    uid: "claim-2",
    resourceVersion: "9",
    labels: { "sei.io/node": "node" },
  },
  status: { phase: "Bound" },
};

test("each object is asked for by name, and the node last", async () => {
  const { asked, done } = look({});
  expect(await done).toBe(true);
  expect(asked.slice(0, -1).toSorted()).toEqual([
    "jobs/node-bootstrap",
    "persistentvolumeclaims/data-node",
    "pods/node-0",
    "services/node",
    "statefulsets/node",
  ]);
  expect(asked.at(-1)).toBe(KEY);
});

test("what is newer is taken in, and what is not there is taken out", async () => {
  const { caches, done } = look({ persistentvolumeclaims: claim });
  expect(await done).toBe(true);
  expect(caches.claims.reader.get("sei/data-node")?.uid).toBe("claim-2");
  expect([caches.pods.reader.size, caches.statefulSets.reader.size]).toEqual([0, 0]);
});

test("what was made again while it was looked for, in vain, stays", async () => {
  const { caches, done } = look({}, "notFound", ({ pods, claims, statefulSets }) => {
    pods.writer.upsert({ ...aPod("new"), resourceVersion: "9" });
    claims.writer.upsert({ ...aClaim("claim-2"), resourceVersion: "9" });
    statefulSets.writer.upsert({ ...aStatefulSet("v1"), uid: "sts-2", resourceVersion: "9" });
  });
  expect(await done).toBe(true);
  expect([caches.pods, caches.claims, caches.statefulSets].map(({ reader }) => [...reader.values()][0]?.uid)).toEqual([
    "new",
    "claim-2",
    "sts-2",
  ]);
});

test("an API server that does not answer proves nothing: all stays, and it is said", async () => {
  const { caches, asked, done } = look({}, "unreachable");
  expect(await done).toBe(false);
  expect([caches.pods.reader.size, asked.includes(KEY)]).toEqual([1, false]);
});
