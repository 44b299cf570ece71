/** Who uses a claim: kept as nodes and Pods change, since to read a whole fleet for it takes 200 ms at 10,000 nodes. */
import { keyOf, type NodeKey, type PodView, type SeiNode } from "../model/index.ts";
import { claimsOf } from "../seinode/read/index.ts";
import { claimName } from "../seinode/objects/index.ts";
import type { Caches } from "./caches.ts";
import { podsOf } from "./owned-objects.ts";

/** All who may use a claim, and perhaps some who do not. */
export interface ClaimUsers {
  nodes(namespace: string, claim: string): readonly SeiNode[];
  pods(namespace: string, claim: string): readonly PodView[];
}

const OWN = claimName("");

/** Follows the stores. Who uses the claim of its own name is found by that name, and not kept. */
export function claimUsers(caches: Caches): ClaimUsers {
  const nodes = new Map<string, Set<NodeKey>>();
  const pods = new Map<string, Set<string>>();
  for (const node of caches.nodes.reader.values()) move(nodes, keyOf(node.metadata), { from: [], to: strange(node) });
  for (const pod of caches.pods.reader.values()) {
    move(pods, `${pod.namespace}/${pod.name}`, { from: [], to: mounted(pod) });
  }
  caches.nodes.reader.subscribe(({ type, key, object, previous }) => {
    move(nodes, key, {
      from: previous === null ? [] : strange(previous),
      to: type === "deleted" ? [] : strange(object),
    });
  });
  caches.pods.reader.subscribe(({ type, key, object, previous }) => {
    move(pods, key, {
      from: previous === null ? [] : mounted(previous),
      to: type === "deleted" ? [] : mounted(object),
    });
  });
  return {
    nodes(namespace, claim) {
      const name = namesake(claim);
      const own = name === null ? null : caches.nodes.reader.get(`${namespace}/${name}`);
      const others = held(nodes.get(`${namespace}/${claim}`), (key) => caches.nodes.reader.get(key));
      return own === null ? others : [own, ...others];
    },
    pods(namespace, claim) {
      // Its node may be gone already, or left out by a selector.
      const name = namesake(claim);
      const own = name === null ? [] : podsOf(caches, { metadata: { namespace, name } });
      return [...own, ...held(pods.get(`${namespace}/${claim}`), (key) => caches.pods.reader.get(key))];
    },
  };
}

/** The node that a claim is named after; null when it is after none. */
function namesake(claim: string): string | null {
  return claim.startsWith(OWN) ? claim.slice(OWN.length) : null;
}

/** Claims of a node that do not bear its name. */
function strange(node: SeiNode): readonly string[] {
  const { namespace, name } = node.metadata;
  return claimsOf(node).flatMap((claim) => (claim === claimName(name) ? [] : [`${namespace}/${claim}`]));
}

function mounted({ namespace, node, claims }: PodView): readonly string[] {
  return claims.flatMap((claim) => (claim === claimName(node) ? [] : [`${namespace}/${claim}`]));
}

function move(
  index: Map<string, Set<string>>,
  key: string,
  { from, to }: { readonly from: readonly string[]; readonly to: readonly string[] },
): void {
  for (const claim of from) {
    const users = index.get(claim);
    if (users?.delete(key) === true && users.size === 0) index.delete(claim);
  }
  for (const claim of to) index.set(claim, (index.get(claim) ?? new Set()).add(key));
}

function held<T>(keys: Iterable<string> | undefined, get: (key: string) => T | null): readonly T[] {
  return [...(keys ?? [])].map(get).filter((object) => object !== null);
}
