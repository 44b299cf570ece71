/** Who uses a claim, kept as nodes and Pods change. */
import { expect, test } from "bun:test";
import { claimUsers } from "../../src/controller/claim-users.ts";
import type { SeiNode } from "../../src/model/index.ts";
import { rivalOf } from "../../src/seinode/read/index.ts";
import { aPod } from "../fixtures/stage.ts";
import { seiNode } from "../seinode/nodes.ts";
import { emptyCaches } from "./filled-caches.ts";

const CLAIMS = ["data-n0", "data-n1", "old", "older"];

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

test("through two thousand changes the rival is the one that a search of the whole fleet finds", () => {
  const [caches, below] = [emptyCaches(), numbers(7)];
  const users = claimUsers(caches);
  const claim = () => CLAIMS[below(CLAIMS.length)] ?? "";
  for (let turn = 1; turn <= 2000; turn += 1) {
    const name = `n${below(6)}`;
    const node = made(name, turn, below(2) === 0 ? null : claim(), below(3) === 0 ? claim() : null);
    const pod = aPod(`uid-${turn}`, {
      namespace: "chain",
      name: `${name}-0`,
      node: name,
      claims: [claim()],
      resourceVersion: `${turn}`,
    });
    if (below(4) === 0) caches.nodes.writer.remove(`chain/${name}`, null);
    else caches.nodes.writer.upsert(node);
    if (below(4) === 0) caches.pods.writer.remove(`chain/${name}-0`, null);
    else caches.pods.writer.upsert(pod);
    for (const wanted of CLAIMS) {
      const all = { nodes: [...caches.nodes.reader.values()], pods: [...caches.pods.reader.values()] };
      const found = rivalOf(node, wanted, { nodes: users.nodes("chain", wanted), pods: users.pods("chain", wanted) });
      expect(found === null).toBe(rivalOf(node, wanted, all) === null);
    }
  }
});

test("a whole fleet is not read for it", () => {
  const caches = emptyCaches();
  const users = claimUsers(caches);
  for (let at = 0; at < 100; at += 1) caches.nodes.writer.upsert(made(`n${at}`, at + 1, at === 7 ? "old" : null, null));
  caches.nodes.reader.values = () => expect.unreachable("the whole store was read");
  expect(users.nodes("chain", "old").map(({ metadata }) => metadata.name)).toEqual(["n7"]);
  expect(users.nodes("chain", "data-n3").map(({ metadata }) => metadata.name)).toEqual(["n3"]);
});

function made(name: string, version: number, imported: string | null, runsOn: string | null): SeiNode {
  const node = seiNode(imported === null ? {} : { dataVolume: { import: { pvcName: imported } } });
  const metadata = { ...node.metadata, name, uid: name, resourceVersion: String(version) };
  return { ...node, metadata, status: runsOn === null ? {} : { dataVolume: { claimName: runsOn, uid: "u" } } };
}
