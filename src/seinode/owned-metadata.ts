/** `metadata` of what a node owns. */
import type { JsonObject } from "../core/json.ts";
import type { SeiNode } from "../core/node.ts";
import { API_VERSION, KIND, NODE_LABEL } from "./labels.ts";
import type { SeiNodeSpec } from "./spec.ts";

/** Labels of an owned object: those of the spec, then ours, which win. */
export function ownedLabels(node: SeiNode, spec: SeiNodeSpec): Readonly<Record<string, string>> {
  return { ...spec.podLabels, [NODE_LABEL]: node.metadata.name };
}

/** The node as controller owner: what it owns goes when it goes. */
export function ownerReference(node: SeiNode): JsonObject {
  const { name, uid } = node.metadata;
  return { apiVersion: API_VERSION, kind: KIND, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Metadata of an owned object of that name. */
export function ownedMetadata(node: SeiNode, spec: SeiNodeSpec, name: string): JsonObject {
  return {
    name,
    namespace: node.metadata.namespace,
    labels: ownedLabels(node, spec),
    ownerReferences: [ownerReference(node)],
  };
}
