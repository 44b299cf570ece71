/** `metadata` of what is there for the bootstrap alone. */
import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { AsJson } from "../../base/index.ts";
import { BOOTSTRAP_COMPONENT, COMPONENT_LABEL, NODE_LABEL, type SeiNode } from "../../model/index.ts";
import { ownerReference } from "./owned-metadata.ts";

/** Labels of the Job, its Pod and its Service; the spec's do not reach them. */
export function bootstrapLabels(node: SeiNode): Readonly<Record<string, string>> {
  return { [NODE_LABEL]: node.metadata.name, [COMPONENT_LABEL]: BOOTSTRAP_COMPONENT };
}

/** Metadata of a bootstrap object of that name. */
export function bootstrapMetadata(node: SeiNode, name: string) {
  const { namespace } = node.metadata;
  return {
    name,
    namespace,
    labels: bootstrapLabels(node),
    ownerReferences: [ownerReference(node)],
  } satisfies AsJson<V1ObjectMeta>;
}
