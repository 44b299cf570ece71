/** `metadata` of what a node owns. */
import type { V1ObjectMeta, V1OwnerReference } from "@kubernetes/client-node";
import type { AsJson } from "../../base/index.ts";
import { API_VERSION, KIND, NODE_LABEL, type SeiNode } from "../../model/index.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** Labels of an owned object: those of the spec, then ours, which win. */
export function ownedLabels(node: SeiNode, spec: SeiNodeSpec): Readonly<Record<string, string>> {
  return { ...spec.podLabels, [NODE_LABEL]: node.metadata.name };
}

/** The node as controller owner: what it owns goes when it goes. */
export function ownerReference(node: SeiNode) {
  const { name, uid } = node.metadata;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  } satisfies AsJson<V1OwnerReference>;
}

/** Metadata of an owned object of that name. */
export function ownedMetadata(node: SeiNode, spec: SeiNodeSpec, name: string) {
  return {
    name,
    namespace: node.metadata.namespace,
    labels: ownedLabels(node, spec),
    ownerReferences: [ownerReference(node)],
  } satisfies AsJson<V1ObjectMeta>;
}
