/** Which SeiNodes a node's label sources choose, worked out once for all nodes that choose alike. */
import type { SeiNode } from "../../core/node.ts";
import type { StoreReader } from "../../kube/store.ts";
import { chosenBy, peersOf } from "../../seinode/peers.ts";
import type { PeerSource } from "../../seinode/spec.ts";

/** Answers for every node; the answer of `null` is that its spec chooses nobody by label. */
export type PeerIndex = (node: SeiNode, peers: readonly PeerSource[]) => readonly string[] | null;

/** Builds the index; what it knows is forgotten when a node comes, goes, is being deleted, or changes its labels. */
export function createPeerIndex(nodes: StoreReader<SeiNode>): PeerIndex {
  const known = new Map<string, readonly SeiNode["metadata"][]>();
  nodes.subscribe(({ type, object, previous }) => {
    if (type !== "updated" || !isSame(object, previous)) known.clear();
  });
  return (node, peers) => {
    const sources = peers.filter((peer) => peer.kind === "label");
    if (sources.length === 0) return null;
    const key = JSON.stringify([node.metadata.namespace, sources]);
    const chosen = known.get(key) ?? chosenBy(node.metadata.namespace, sources, nodes.values());
    known.set(key, chosen);
    return peersOf(node, chosen);
  };
}

function isSame({ metadata }: SeiNode, before: SeiNode | null): boolean {
  if (metadata.deletionTimestamp !== before?.metadata.deletionTimestamp) return false;
  return JSON.stringify(metadata.labels ?? {}) === JSON.stringify(before?.metadata.labels ?? {});
}
