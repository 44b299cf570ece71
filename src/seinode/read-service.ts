/** Services as the API server sends them, trimmed to a `ServiceView`. */
import type { ServiceView } from "../core/views.ts";
import { COMPONENT_LABEL, FIELD_MANAGER, REFERENCE_FIELD_MANAGER } from "./labels.ts";
import { isManagedBy, ownedDigests } from "./owned-digest.ts";
import { stringAt } from "./raw.ts";
import { type OwnedMetadata, readOwnedMetadata } from "./read-metadata.ts";

/** The Service in this object; null when it is none or does not belong to a node. Never throws. */
export function readService(raw: unknown, metadata: OwnedMetadata | null = readOwnedMetadata(raw)): ServiceView | null {
  if (metadata === null) return null;
  const { namespace, name, uid, resourceVersion, node, ownerUid, deleting } = metadata;
  const component = stringAt(metadata.labels, COMPONENT_LABEL);
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    node,
    component,
    ownerUid,
    deleting,
    ...ownedDigests(raw, FIELD_MANAGER),
    isOfReference: isManagedBy(raw, REFERENCE_FIELD_MANAGER),
  };
}
