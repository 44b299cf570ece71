/** StatefulSets as the API server sends them, trimmed to a `StatefulSetView`. */
import type { StatefulSetView } from "../core/views.ts";
import { readHome } from "./home.ts";
import { FIELD_MANAGER, REFERENCE_FIELD_MANAGER, SEID_CONTAINER, SIDECAR_CONTAINER } from "./labels.ts";
import { isManagedBy, ownedDigest } from "./owned-digest.ts";
import { arrayAt, intern, integerAt, objectAt, stringAt } from "./raw.ts";
import { type OwnedMetadata, readOwnedMetadata } from "./read-metadata.ts";

/** The StatefulSet in this object; null when it is none or does not belong to a node. Never throws. */
export function readStatefulSet(
  raw: unknown,
  metadata: OwnedMetadata | null = readOwnedMetadata(raw),
): StatefulSetView | null {
  if (metadata === null) return null;
  const spec = objectAt(raw, "spec");
  const status = objectAt(raw, "status");
  const template = objectAt(objectAt(spec, "template"), "spec");
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
    templateImage: imageOf(arrayAt(template, "containers"), SEID_CONTAINER),
    templateSidecarImage: imageOf(arrayAt(template, "initContainers"), SIDECAR_CONTAINER),
    home: readHome(template),
    isOnDelete: stringAt(objectAt(spec, "updateStrategy"), "type") === "OnDelete",
    ownedDigest: ownedDigest(raw, FIELD_MANAGER),
    isOfReference: isManagedBy(raw, REFERENCE_FIELD_MANAGER),
  };
}

function imageOf(containers: readonly unknown[], name: string): string | null {
  const image = stringAt(
    containers.find((item) => stringAt(item, "name") === name),
    "image",
  );
  return image === null ? null : intern(image);
}
