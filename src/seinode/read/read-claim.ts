/** PersistentVolumeClaims as the API server sends them, trimmed to a `ClaimView`. */
import type { ClaimView } from "../../model/index.ts";
import { intern, objectAt, stringAt } from "../../base/index.ts";
import { type OwnedMetadata, readOwnedMetadata } from "./read-metadata.ts";

/** The claim in this object; null when it is none or does not belong to a node. Never throws. */
export function readClaim(raw: unknown, metadata: OwnedMetadata | null = readOwnedMetadata(raw)): ClaimView | null {
  if (metadata === null) return null;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    node: metadata.node,
    ownerUid: metadata.ownerUid,
    phase: intern(stringAt(objectAt(raw, "status"), "phase") ?? ""),
    deleting: metadata.deleting,
    createdAt: metadata.createdAt,
  };
}
