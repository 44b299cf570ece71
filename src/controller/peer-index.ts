/**
 * Which SeiNodes a node's label sources choose: worked out once for all nodes that choose alike, and then kept as nodes
 * come, go and change. Names stand in their order, so that no read of a large fleet sorts it.
 */
import { keepNewest } from "../base/index.ts";
import type { SeiNode } from "../model/index.ts";
import type { StoreReader } from "../kube/store/index.ts";
import { podDnsName } from "../seinode/objects/index.ts";
import { isChosen, type LabelSource, type PeerSource } from "../seinode/spec/index.ts";
import { type Labels, PeerRoll, placeOf } from "./peer-roll.ts";

/** Whom a node's sources choose by label, as DNS names in order and without itself; `null` = its spec chooses nobody so. */
export type PeersOf = (node: SeiNode, peers: readonly PeerSource[]) => readonly string[] | null;

/** Answers for every node. */
export interface PeerIndex {
  readonly of: PeersOf;
  /** Another number whenever an answer may be another than before. */
  readonly version: () => number;
}

/** More ways to choose are worked out anew when they are asked for again. */
const MAX_KNOWN = 64;

interface Chosen {
  readonly home: string;
  readonly sources: readonly LabelSource[];
  /** Sorted. */
  readonly names: string[];
}

/** Builds the index over what is stored, and follows it. */
export function createPeerIndex(nodes: StoreReader<SeiNode>): PeerIndex {
  const known = new Map<string, Chosen>();
  const rolls = new Map<string, PeerRoll>();
  const shared = sharedLabels();
  let version = 0;
  const enrol = ({ metadata: { namespace, name } }: SeiNode, labels: Labels | null): Labels | null => {
    const roll = rolls.get(namespace) ?? new PeerRoll();
    const before = roll.put(podDnsName(namespace, name), labels);
    if (roll.size === 0) rolls.delete(namespace);
    else rolls.set(namespace, roll);
    return before;
  };
  for (const node of nodes.values()) enrol(node, shared(labelsOf(node)));
  nodes.subscribe(({ type, object, previous }) => {
    if (type === "updated" && isSame(object, previous)) return;
    version += 1;
    const { namespace, name } = object.metadata;
    const labels = type === "deleted" ? null : shared(labelsOf(object));
    const before = enrol(object, labels);
    const dns = podDnsName(namespace, name);
    for (const { home, sources, names } of known.values()) {
      const did = before !== null && isChosen(home, sources, { namespace, labels: before });
      const does = labels !== null && isChosen(home, sources, { namespace, labels });
      if (did !== does) change(names, dns, does);
    }
  });
  const chosenBy = (home: string, sources: readonly LabelSource[]): Chosen => {
    const namespaces = new Set(sources.map((source) => source.namespace ?? home));
    const found = [...namespaces].map((namespace) =>
      (rolls.get(namespace) ?? NOBODY).chosen((labels) => isChosen(home, sources, { namespace, labels })),
    );
    const [only = []] = found;
    return { home, sources, names: found.length === 1 ? only : found.flat().sort() };
  };
  const of: PeersOf = ({ metadata: { namespace, name } }, peers) => {
    const sources = peers.filter((peer) => peer.kind === "label");
    if (sources.length === 0) return null;
    const key = JSON.stringify([namespace, sources]);
    let chosen = known.get(key);
    if (chosen === undefined) {
      chosen = chosenBy(namespace, sources);
      keepNewest(known, [key, chosen], MAX_KNOWN);
    }
    const own = placeOf(chosen.names, podDnsName(namespace, name));
    return own.isThere ? chosen.names.toSpliced(own.at, 1) : [...chosen.names];
  };
  return { of, version: () => version };
}

const NOBODY = new PeerRoll();

/** One copy of labels that many nodes have; where each has its own, none is kept for the next. */
function sharedLabels(): (labels: Labels | null) => Labels | null {
  const sets = new Map<string, Labels>();
  return (labels) => {
    if (labels === null) return null;
    const key = JSON.stringify(labels);
    if (sets.size >= MAX_SETS) sets.clear();
    const one = sets.get(key) ?? { ...labels };
    sets.set(key, one);
    return one;
  };
}

const MAX_SETS = 64;

/** Null for one that is being deleted: it is nobody's peer. */
function labelsOf({ metadata: { labels = {}, deletionTimestamp } }: SeiNode): Labels | null {
  return deletionTimestamp === undefined ? labels : null;
}

function change(names: string[], dns: string, isChosenNow: boolean): void {
  const { at, isThere } = placeOf(names, dns);
  if (isThere && !isChosenNow) names.splice(at, 1);
  if (!isThere && isChosenNow) names.splice(at, 0, dns);
}

function isSame({ metadata }: SeiNode, before: SeiNode | null): boolean {
  if (metadata.deletionTimestamp !== before?.metadata.deletionTimestamp) return false;
  return JSON.stringify(metadata.labels ?? {}) === JSON.stringify(before?.metadata.labels ?? {});
}
