/** StatefulSets as the API server sends them, trimmed to a `StatefulSetView`. */
import type { StatefulSetView } from "../core/views.ts";
import { FIELD_MANAGER, SEID_CONTAINER } from "./labels.ts";
import { ownedDigest } from "./owned-digest.ts";
import { arrayAt, intern, integerAt, objectAt, stringAt } from "./raw.ts";
import { readOwnedMetadata } from "./read-metadata.ts";

/** The StatefulSet in this object; null when it is none or does not belong to a node. Never throws. */
export function readStatefulSet(raw: unknown): StatefulSetView | null {
  const metadata = readOwnedMetadata(raw);
  if (metadata === null) return null;
  const spec = objectAt(raw, "spec");
  const status = objectAt(raw, "status");
  const containers = arrayAt(objectAt(objectAt(spec, "template"), "spec"), "containers");
  const seid = containers.find((item) => stringAt(item, "name") === SEID_CONTAINER);
  const image = stringAt(seid, "image");
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    node: metadata.node,
    ownerUid: metadata.ownerUid,
    generation: integerAt(objectAt(raw, "metadata"), "generation") ?? 0,
    observedGeneration: integerAt(status, "observedGeneration") ?? 0,
    // The API server fills in 1 where nothing was said.
    replicas: integerAt(spec, "replicas") ?? 1,
    updatedReplicas: integerAt(status, "updatedReplicas") ?? 0,
    updateRevision: stringAt(status, "updateRevision") || null,
    deleting: metadata.deleting,
    templateImage: image === null ? null : intern(image),
    ownedDigest: ownedDigest(raw, FIELD_MANAGER),
  };
}
