/** Where a node's peers come from, and which other SeiNodes its labels choose. */
import type { JsonObject } from "../core/json.ts";
import type { SeiNode } from "../core/node.ts";
import { podDnsName } from "./names.ts";
import type { PeerSource } from "./spec.ts";

/**
 * DNS names of the SeiNodes that label sources choose, sorted, each once, without the node itself; null when the
 * spec has no such source. `others` = every SeiNode that is known, of any namespace.
 */
export function resolvedPeers(
  node: SeiNode,
  peers: readonly PeerSource[],
  others: Iterable<SeiNode>,
): readonly string[] | null {
  const sources = peers.filter((peer) => peer.kind === "label");
  if (sources.length === 0) return null;
  const names = new Set<string>();
  for (const { metadata } of others) {
    const { namespace, name, labels = {} } = metadata;
    if (namespace === node.metadata.namespace && name === node.metadata.name) continue;
    const isChosen = sources.some(
      (source) => namespace === (source.namespace ?? node.metadata.namespace) && hasAll(labels, source.selector),
    );
    if (isChosen) names.add(podDnsName(namespace, name));
  }
  return [...names].toSorted();
}

/**
 * Sources as the sidecar takes them. Those chosen by label were resolved beforehand; one that chose nobody is left
 * out, since the sidecar fails a source without endpoints and the first node of a fleet would never come up.
 */
export function peerSources(node: SeiNode, peers: readonly PeerSource[]): readonly JsonObject[] {
  const endpoints = node.status.resolvedPeers ?? [];
  return peers.flatMap((peer): readonly JsonObject[] => {
    switch (peer.kind) {
      case "ec2Tags":
        return [{ type: "ec2Tags", region: peer.region, tags: { ...peer.tags } }];
      case "static":
        return [{ type: "static", addresses: peer.addresses }];
      case "label":
        return endpoints.length === 0 ? [] : [{ type: "dnsEndpoints", endpoints }];
    }
  });
}

function hasAll(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
