/** StatefulSets as the API server sends them, trimmed to a `StatefulSetView`. */
import { FIELD_MANAGER, REFERENCE_FIELD_MANAGER, type StatefulSetView } from "../../model/index.ts";
import { readHome } from "./home.ts";
import { isManagedBy, ownedDigests } from "./owned-digest.ts";
import { integerAt, internOrNull, objectAt, stringAt } from "../../base/index.ts";
import { type OwnedMetadata, readOwnedMetadata } from "./read-metadata.ts";
import { templateImages } from "./template-images.ts";

/** The StatefulSet in this object; null when it is none or does not belong to a node. Never throws. */
export function readStatefulSet(
  raw: unknown,
  metadata: OwnedMetadata | null = readOwnedMetadata(raw),
): StatefulSetView | null {
  if (metadata === null) return null;
  const spec = objectAt(raw, "spec");
  const status = objectAt(raw, "status");
  const images = templateImages(raw);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    node: metadata.node,
    ownerUid: metadata.ownerUid,
    createdAt: metadata.createdAt,
    generation: integerAt(objectAt(raw, "metadata"), "generation") ?? 0,
    observedGeneration: integerAt(status, "observedGeneration") ?? 0,
    // The API server fills in 1 where nothing was said.
    replicas: integerAt(spec, "replicas") ?? 1,
    updatedReplicas: integerAt(status, "updatedReplicas") ?? 0,
    updateRevision: stringAt(status, "updateRevision") || null,
    deleting: metadata.deleting,
    templateImage: internOrNull(images.seid),
    templateSidecarImage: internOrNull(images.sidecar),
    home: readHome(objectAt(objectAt(spec, "template"), "spec")),
    isOnDelete: stringAt(objectAt(spec, "updateStrategy"), "type") === "OnDelete",
    ...ownedDigests(raw, FIELD_MANAGER),
    isOfReference: isManagedBy(raw, REFERENCE_FIELD_MANAGER),
  };
}
