/** Services as the API server sends them, trimmed to a `ServiceView`. */
import { COMPONENT_LABEL, FIELD_MANAGER, REFERENCE_FIELD_MANAGER, type ServiceView } from "../../model/index.ts";
import { isManagedBy, ownedDigests } from "./owned-digest.ts";
import { stringAt } from "../../base/index.ts";
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
