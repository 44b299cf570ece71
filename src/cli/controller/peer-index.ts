/** Which SeiNodes a node's label sources choose, worked out once for all nodes that choose alike. */
import type { SeiNode } from "../../core/node.ts";
import type { StoreReader } from "../../kube/store.ts";
import { chosenBy, peersOf } from "../../seinode/peers.ts";
import type { PeerSource } from "../../seinode/spec.ts";

/** Whom a node's sources choose by label; `null` = its spec chooses nobody so. */
export type PeersOf = (node: SeiNode, peers: readonly PeerSource[]) => readonly string[] | null;

/** Answers for every node. */
export interface PeerIndex {
  readonly of: PeersOf;
  /** Another number whenever an answer may be another than before. */
  readonly version: () => number;
}

/** Builds the index; what it knows is forgotten when a node comes, goes, is being deleted, or changes its labels. */
export function createPeerIndex(nodes: StoreReader<SeiNode>): PeerIndex {
  const known = new Map<string, readonly SeiNode["metadata"][]>();
  let version = 0;
  nodes.subscribe(({ type, object, previous }) => {
    if (type === "updated" && isSame(object, previous)) return;
    known.clear();
    version += 1;
  });
  const of: PeersOf = (node, peers) => {
    const sources = peers.filter((peer) => peer.kind === "label");
    if (sources.length === 0) return null;
    const key = JSON.stringify([node.metadata.namespace, sources]);
    const chosen = known.get(key) ?? chosenBy(node.metadata.namespace, sources, nodes.values());
    known.set(key, chosen);
    return peersOf(node, chosen);
  };
  return { of, version: () => version };
}

function isSame({ metadata }: SeiNode, before: SeiNode | null): boolean {
  if (metadata.deletionTimestamp !== before?.metadata.deletionTimestamp) return false;
  return JSON.stringify(metadata.labels ?? {}) === JSON.stringify(before?.metadata.labels ?? {});
}
