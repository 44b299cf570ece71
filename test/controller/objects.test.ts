/** Reads and writes of owned objects over the client. */
import { describe, expect, test } from "bun:test";
import { objectReads, objectWrites } from "../../src/controller/objects.ts";
import type { FailureKind, Result } from "../../src/kube/client/index.ts";
import { aJob, aPod, aService, aStatefulSet } from "../fixtures/stage.ts";
import { rawPod } from "../seinode/read/raw-objects.ts";
import { emptyCaches } from "./filled-caches.ts";
import { failing, giving, scriptedClient } from "./scripted-client.ts";

const OBJECT = { metadata: { namespace: "chain", name: "rpc-1" }, spec: {} };

function portOf(...replies: readonly Result<unknown>[]) {
  const { client, asked } = scriptedClient(replies);
  const caches = emptyCaches();
  const port = { ...objectReads(client, caches), ...objectWrites(client, caches, () => null) };
  return { port, asked, caches };
}

/** An owned object as the API server sends it. */
function raw(labels: object = { "sei.io/node": "rpc-1" }): unknown {
  const owner = { kind: "SeiNode", name: "rpc-1", uid: "node-uid", controller: true };
  return {
    metadata: { ...OBJECT.metadata, uid: "u", resourceVersion: "5", labels, ownerReferences: [owner] },
    spec: {},
    status: {},
  };
}

test("what is read live enters the store like a watch event", async () => {
  const { port, caches } = portOf(giving(rawPod()));
  caches.pods.writer.replace([], "1");
  expect(await port.pod("chain", "rpc-1-0")).toMatchObject({ kind: "ok", value: { uid: "pod-uid" } });
  expect(caches.pods.reader.get("chain/rpc-1-0")?.uid).toBe("pod-uid");
});

test("an object whose label was taken away is read with its owner, and enters no store", async () => {
  const { port, caches } = portOf(giving(raw({})), giving({ kind: "Status" }));
  caches.statefulSets.writer.replace([], "1");
  const value = { node: "", ownerUid: "node-uid" };
  expect(await port.statefulSet("chain", "rpc-1")).toMatchObject({ kind: "ok", value });
  expect(caches.statefulSets.reader.size).toBe(0);
  expect(await port.statefulSet("chain", "rpc-1")).toMatchObject({ kind: "failed" });
});

test.each<[FailureKind, string]>([
  ["notFound", "notFound"],
  ["conflict", "conflict"],
  ["alreadyExists", "conflict"],
  ["invalid", "refused"],
  ["refused", "refused"],
  ["forbidden", "failed"],
  ["unauthorized", "failed"],
  ["tooManyRequests", "failed"],
  ["serverError", "failed"],
  ["unreachable", "failed"],
  ["deadline", "failed"],
])("a request that is %s comes back as %s", async (kind, want) => {
  const { kind: got } = await portOf(failing(kind)).port.claim("chain", "data-rpc-1");
  expect<string>(got).toBe(want);
});

describe("a write that would be refused again is told as such:", () => {
  const hook = 'Internal error occurred: failed calling webhook "policy.example": connection refused';

  test.each<[string, (port: ReturnType<typeof portOf>["port"]) => Promise<{ kind: string }>]>([
    ["an apply", (port) => port.applyStatefulSet(OBJECT, false)],
    ["a creation", (port) => port.createClaim(OBJECT)],
    ["a patch", (port) => port.setOnDelete(aStatefulSet("v1"))],
    ["a deletion", (port) => port.deletePod(aPod("pod-1"))],
  ])("%s", async (_title, write) => {
    const kinds: string[] = [];
    for (const [kind, message] of [
      ["forbidden", "exceeded quota"],
      ["serverError", hook],
      ["serverError", "no"],
    ] as const) {
      kinds.push((await write(portOf(failing(kind, { message })).port)).kind);
    }
    expect(kinds).toEqual(["refused", "refused", "failed"]);
  });
});

describe("deletion", () => {
  test("takes out this very object alone, and a Job with all that it owns", async () => {
    const { port, asked } = portOf(giving({}), giving({}), giving({}));
    await port.deletePod(aPod("pod-1"));
    await port.deleteService(aService());
    await port.deleteJob(aJob());
    expect(asked).toEqual([
      { verb: "remove", what: "pods/node-0", body: { uid: "pod-1" } },
      { verb: "remove", what: "services/node", body: { uid: "sts-uid" } },
      { verb: "remove", what: "jobs/node-bootstrap", body: { uid: "job-1", propagationPolicy: "Foreground" } },
    ]);
  });
});

describe("what the reference left behind", () => {
  const set = aStatefulSet("v1");

  test("is made OnDelete by a patch of this very set that changes no template", async () => {
    const { port, asked } = portOf(giving(raw()));
    expect((await port.setOnDelete(set)).kind).toBe("ok");
    const spec = { updateStrategy: { type: "OnDelete", rollingUpdate: null } };
    expect(asked).toEqual([{ verb: "patch", what: "statefulsets/node", body: { metadata: { uid: "sts-uid" }, spec } }]);
  });

  test("is given up by an apply of nothing to this very object", async () => {
    const { port, asked } = portOf(giving(raw()), giving(raw()));
    await port.releaseStatefulSet(set);
    await port.releaseService(aService());
    const metadata = { namespace: "sei", name: "node", uid: "sts-uid" };
    expect(asked).toEqual([
      {
        verb: "apply forced as seinode-controller",
        what: "statefulsets/node",
        body: { apiVersion: "apps/v1", kind: "StatefulSet", metadata },
      },
      {
        verb: "apply forced as seinode-controller",
        what: "services/node",
        body: { apiVersion: "v1", kind: "Service", metadata },
      },
    ]);
  });

  test.each([
    [true, "apply forced"],
    [false, "apply"],
  ])("is applied over by our own manager (force: %s)", async (force, verb) => {
    const { port, asked } = portOf(giving(raw()));
    await port.applyStatefulSet(OBJECT, force);
    expect(asked).toEqual([{ verb, what: "statefulsets/rpc-1", body: OBJECT }]);
  });
});

describe("an object of ours with an item that cannot stand beside ours", () => {
  const refusal = failing("invalid", { message: 'spec.ports[4].name: Duplicate value: "p2p"' });
  const wanted = { ...OBJECT, spec: { ports: [{ name: "p2p", port: 26_656 }] } };

  test("has its lists replaced, and is applied once more", async () => {
    const { port, asked } = portOf(refusal, giving({}), giving(raw()));
    expect((await port.applyService(wanted, true)).kind).toBe("ok");
    expect(asked.map(({ verb, body }) => [verb, body])).toEqual([
      ["apply forced", wanted],
      ["patch", { spec: { ports: wanted.spec.ports } }],
      ["apply forced", wanted],
    ]);
  });

  test("has them replaced too where others' items cover the home of seid, though nothing was refused", async () => {
    const template = (volumeMounts: readonly Record<string, string>[]) => ({
      spec: {
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-node" } }],
        containers: [{ name: "seid", volumeMounts }],
      },
    });
    const data = { name: "data", mountPath: "/sei" };
    const set = { ...OBJECT, spec: { template: template([data]) } };
    const covered = {
      ...Object(raw()),
      spec: { template: template([data, { name: "scratch", mountPath: "/sei/data" }]) },
    };
    const mended = { ...Object(raw()), spec: { template: template([data]) } };
    const { port, asked } = portOf(giving(covered), giving(mended), giving(mended));
    expect(await port.applyStatefulSet(set, true)).toMatchObject({
      value: { home: { claim: "data-node", subPath: "" } },
    });
    expect(asked.map(({ verb }) => verb)).toEqual(["apply forced", "patch", "apply forced"]);
    expect(asked[1]?.body).toMatchObject({ spec: { template: { spec: { containers: [{ volumeMounts: [data] }] } } } });
  });

  test("is left as it is when that is refused too: what it asks for is wrong in itself", async () => {
    const { port, asked } = portOf(refusal, refusal);
    expect((await port.applyService(wanted, true)).kind).toBe("refused");
    expect(asked.map(({ verb }) => verb)).toEqual(["apply forced", "patch"]);
  });

  test("is not touched when it is not ours", async () => {
    const { port, asked } = portOf(refusal);
    expect((await port.applyService(wanted, false)).kind).toBe("refused");
    expect(asked.length).toBe(1);
  });
});
