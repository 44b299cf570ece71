/** Status patches on a real API server. */
import { beforeAll, expect, test } from "bun:test";
import { statusWriter } from "../../src/controller/index.ts";
import { keyOf, type SeiNode } from "../../src/model/index.ts";
import { createClient } from "../../src/kube/client/index.ts";
import { createStore } from "../../src/kube/store/index.ts";
import { seiNodeCrd } from "../../src/seinode/crd/index.ts";
import { readNode } from "../../src/seinode/read/index.ts";
import { describeCluster } from "./harness/describe-cluster.ts";
import { eventually } from "./harness/eventually.ts";
import { fullNode, seiNode, seiNodePath } from "./harness/fleet.ts";
import { clusterTransport } from "./harness/real-doors.ts";
import { takenAs } from "./harness/taken-as.ts";
import type { KubeObject } from "./harness/admin-api.ts";

describeCluster("status writer", ({ kubeconfigPath, api, namespace }) => {
  let space = "";
  beforeAll(async () => {
    space = await namespace("status");
    await api.apply(takenAs<KubeObject>(seiNodeCrd()));
    const nodes = `/apis/sei.io/v1alpha1/namespaces/${space}/seinodes`;
    await eventually("the CRD to be served", async () => (await api.request("GET", nodes)).status === 200);
  });

  const stage = async (name: string) => {
    await api.apply(fullNode(space, name));
    const store = createStore<SeiNode>({
      keyOf: (node) => keyOf(node.metadata),
      versionOf: (node) => node.metadata.resourceVersion,
      uidOf: (node) => node.metadata.uid,
    });
    const node = readNode(await seiNode(api, space, name));
    if (node === null) throw new Error("the node cannot be read");
    store.writer.replace([node], node.metadata.resourceVersion);
    const client = createClient(clusterTransport(kubeconfigPath));
    const turn = (): Promise<() => void> => Promise.resolve(() => {});
    return { node, store, writer: statusWriter({ client, direct: client, turn, mayWrite: () => true }, store) };
  };

  test("the reply enters the store and is what the next patch is made from", async () => {
    const { node, store, writer } = await stage("a");
    const reply = await writer.patch(node, { phase: "Initializing" });
    expect(reply.kind).toBe("stored");
    const stored = store.reader.get(`${space}/a`);
    expect(stored?.status.phase).toBe("Initializing");
    const next = stored === null ? reply : await writer.patch(stored, { phase: "Running" });
    expect([next.kind, store.reader.get(`${space}/a`)?.status.phase]).toEqual(["stored", "Running"]);
  });

  test("over a version that somebody else has passed it is a conflict, and the store has what they wrote", async () => {
    const { node, store, writer } = await stage("b");
    await api.patch(seiNodePath(space, "b"), { spec: { image: "sei:2" } });
    expect(await writer.patch(node, { phase: "Running" })).toEqual({ kind: "conflict" });
    expect([store.reader.get(`${space}/b`)?.spec["image"], (await seiNode(api, space, "b")).status ?? {}]).toEqual([
      "sei:2",
      {},
    ]);
  });

  test("of a node that is gone it says so; one made anew under the name is not written to", async () => {
    const { node, store, writer } = await stage("c");
    await api.remove(seiNodePath(space, "c"));
    expect(await writer.patch(node, { phase: "Running" })).toEqual({ kind: "gone" });
    expect([await writer.refresh(`${space}/c`), store.reader.get(`${space}/c`)]).toEqual([true, null]);
    await api.apply(fullNode(space, "c"));
    expect((await writer.patch(node, { phase: "Running" })).kind).toBe("conflict");
    expect((await seiNode(api, space, "c")).status ?? {}).toEqual({});
  });
});
