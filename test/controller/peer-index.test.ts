/** The index of peers that are chosen by label. */
import { expect, test } from "bun:test";
import { createPeerIndex } from "../../src/controller/peer-index.ts";
import { keyOf, type SeiNode } from "../../src/model/index.ts";
import { createStore } from "../../src/kube/store/index.ts";
import type { PeerSource } from "../../src/seinode/spec/index.ts";
import { seiNode } from "../seinode/nodes.ts";

const byRole: readonly PeerSource[] = [{ kind: "label", selector: { role: "rpc" }, namespace: null }];

function fleet() {
  const store = createStore<SeiNode>({
    keyOf: ({ metadata }) => keyOf(metadata),
    versionOf: ({ metadata }) => metadata.resourceVersion,
  });
  let version = 1;
  const put = (name: string, metadata: object = { labels: { role: "rpc" } }): SeiNode => {
    const node = seiNode({});
    const own = { ...node.metadata, name, uid: name, resourceVersion: String(version++), ...metadata };
    const made = { ...node, metadata: own };
    store.writer.upsert(made);
    return made;
  };
  const { of: peersOf, version: peersVersion } = createPeerIndex(store.reader);
  const names = (of: SeiNode) => peersOf(of, byRole)?.map((dns) => dns.split("-0.")[0]);
  return { store, put, names, peersOf, peersVersion };
}

test("nodes that choose alike see each other, and never themselves", () => {
  const { put, names } = fleet();
  const [a, b] = [put("a"), put("b")];
  expect([names(a), names(b)]).toEqual([["b"], ["a"]]);
});

test("a node that comes, goes, is being deleted or loses its label is noticed", () => {
  const { store, put, names } = fleet();
  const a = put("a");
  expect(names(a)).toEqual([]);
  put("b");
  put("c");
  expect(names(a)).toEqual(["b", "c"]);
  put("b", { labels: { role: "archive" } });
  expect(names(a)).toEqual(["c"]);
  put("d");
  expect(names(a)).toEqual(["c", "d"]);
  put("d", { labels: { role: "rpc" }, deletionTimestamp: "2026-01-01T00:00:00Z" });
  expect(names(a)).toEqual(["c"]);
  store.writer.remove(`${a.metadata.namespace}/c`, null);
  expect(names(a)).toEqual([]);
});

test("a spec that chooses nobody by label has no peers to tell of", () => {
  const { put, peersOf } = fleet();
  expect(peersOf(put("a"), [{ kind: "static", addresses: ["n@h:1"] }])).toBeNull();
});

test("the version tells when answers may be others, and only then", () => {
  const { put, store, peersVersion } = fleet();
  put("a");
  const known = peersVersion();
  put("a");
  expect(peersVersion()).toBe(known);
  put("a", { labels: {} });
  const relabelled = peersVersion();
  store.writer.remove("chain/a", null);
  expect([relabelled > known, peersVersion() > relabelled]).toEqual([true, true]);
});

test("a change is taken in without reading the whole fleet, and names stay in order", () => {
  const { store, put, names } = fleet();
  const a = put("a");
  for (const name of ["m", "c", "x"]) put(name);
  expect(names(a)).toEqual(["c", "m", "x"]);
  store.reader.values = () => expect.unreachable("the whole store was read");
  put("d");
  put("c", { labels: { role: "archive" } });
  expect(names(a)).toEqual(["d", "m", "x"]);
  expect(names(put("b"))).toEqual(["a", "d", "m", "x"]);
  expect(names(a)).toEqual(["b", "d", "m", "x"]);
});

test("what was given out stays as it was", () => {
  const { put, peersOf } = fleet();
  const a = put("a");
  put("b");
  const before = peersOf(a, byRole);
  put("c");
  expect([before?.length, peersOf(a, byRole)?.length]).toEqual([1, 2]);
});

test("of ways to choose only so many are kept, and an answer is the same without", () => {
  const { put, peersOf } = fleet();
  const a = put("a");
  put("b", { labels: { role: "rpc", at: "7" } });
  for (let at = 0; at < 300; at += 1) {
    const sources: readonly PeerSource[] = [{ kind: "label", selector: { at: String(at) }, namespace: null }];
    expect(peersOf(a, sources)?.length).toBe(at === 7 ? 1 : 0);
  }
  expect(peersOf(a, byRole)?.length).toBe(1);
});
