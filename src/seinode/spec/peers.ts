/** Where a node's peers come from, and which other SeiNodes its labels choose. */
import type { JsonObject } from "../../base/index.ts";
import type { SeiNode } from "../../model/index.ts";
import type { PeerSource } from "./spec.ts";

/** A source that chooses other SeiNodes by label. */
export type LabelSource = Extract<PeerSource, { readonly kind: "label" }>;

/** A SeiNode that may be chosen. */
export interface Member {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether label sources of a node in `home` choose it. */
export function isChosen(home: string, sources: readonly LabelSource[], { namespace, labels }: Member): boolean {
  return sources.some((source) => namespace === (source.namespace ?? home) && hasAll(labels, source.selector));
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
