/**
 * Which SeiNodes a node's label sources choose: worked out once for all nodes that choose alike, and then kept as nodes
 * come, go and change. Names stand in their order, so that no look at a large fleet sorts it.
 */
import type { SeiNode } from "../../core/node.ts";
import type { StoreReader } from "../../kube/store.ts";
import { podDnsName } from "../../seinode/names.ts";
import { isChosen, type LabelSource, type Member } from "../../seinode/peers.ts";
import type { PeerSource } from "../../seinode/spec.ts";

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

/** Builds the index; members are read off the whole store when somebody chooses by label for the first time. */
export function createPeerIndex(nodes: StoreReader<SeiNode>): PeerIndex {
  const known = new Map<string, Chosen>();
  let members: Map<string, Map<string, Member>> | null = null;
  let version = 0;
  nodes.subscribe(({ type, object, previous }) => {
    if (type === "updated" && isSame(object, previous)) return;
    version += 1;
    if (members === null) return;
    const { namespace, name } = object.metadata;
    const was = members.get(namespace)?.get(name) ?? null;
    const is = type === "deleted" ? null : memberOf(object);
    enrol(members, { namespace, name, is });
    const dns = podDnsName(namespace, name);
    for (const { home, sources, names } of known.values()) {
      const did = was !== null && isChosen(home, sources, was);
      const does = is !== null && isChosen(home, sources, is);
      if (did !== does) change(names, dns, does);
    }
  });
  const chosenBy = (home: string, sources: readonly LabelSource[]): Chosen => {
    members ??= allMembers(nodes.values());
    const names: string[] = [];
    for (const namespace of new Set(sources.map((source) => source.namespace ?? home))) {
      for (const [name, member] of members.get(namespace) ?? []) {
        if (isChosen(home, sources, member)) names.push(podDnsName(namespace, name));
      }
    }
    return { home, sources, names: names.sort() };
  };
  const of: PeersOf = ({ metadata: { namespace, name } }, peers) => {
    const sources = peers.filter((peer) => peer.kind === "label");
    if (sources.length === 0) return null;
    const key = JSON.stringify([namespace, sources]);
    const chosen = known.get(key) ?? chosenBy(namespace, sources);
    const [first] = known.keys();
    if (known.size >= MAX_KNOWN && !known.has(key) && first !== undefined) known.delete(first);
    known.set(key, chosen);
    const own = placeOf(chosen.names, podDnsName(namespace, name));
    return own.isThere ? chosen.names.toSpliced(own.at, 1) : [...chosen.names];
  };
  return { of, version: () => version };
}

function allMembers(nodes: Iterable<SeiNode>): Map<string, Map<string, Member>> {
  const members = new Map<string, Map<string, Member>>();
  for (const node of nodes) {
    const { namespace, name } = node.metadata;
    enrol(members, { namespace, name, is: memberOf(node) });
  }
  return members;
}

function enrol(
  members: Map<string, Map<string, Member>>,
  { namespace, name, is }: { readonly namespace: string; readonly name: string; readonly is: Member | null },
): void {
  const there = members.get(namespace) ?? new Map<string, Member>();
  if (is === null) there.delete(name);
  else there.set(name, is);
  if (there.size === 0) members.delete(namespace);
  else members.set(namespace, there);
}

/** One that is being deleted is nobody's peer. */
function memberOf({ metadata: { namespace, labels = {}, deletionTimestamp } }: SeiNode): Member | null {
  return deletionTimestamp === undefined ? { namespace, labels } : null;
}

function change(names: string[], dns: string, isChosenNow: boolean): void {
  const { at, isThere } = placeOf(names, dns);
  if (isThere && !isChosenNow) names.splice(at, 1);
  if (!isThere && isChosenNow) names.splice(at, 0, dns);
}

/** Where a name stands, or would. */
function placeOf(names: readonly string[], dns: string): { readonly at: number; readonly isThere: boolean } {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? "") < dns) low = middle + 1;
    else high = middle;
  }
  return { at: low, isThere: names[low] === dns };
}

function isSame({ metadata }: SeiNode, before: SeiNode | null): boolean {
  if (metadata.deletionTimestamp !== before?.metadata.deletionTimestamp) return false;
  return JSON.stringify(metadata.labels ?? {}) === JSON.stringify(before?.metadata.labels ?? {});
}
