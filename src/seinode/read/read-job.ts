/** Jobs as the API server sends them, trimmed to a `JobView`. */
import type { JobView } from "../../model/index.ts";
import { arrayAt, objectAt, stringAt } from "../../base/index.ts";
import { type OwnedMetadata, readOwnedMetadata } from "./read-metadata.ts";

/** The Job in this object; null when it is none or does not belong to a node. Never throws. */
export function readJob(raw: unknown, metadata: OwnedMetadata | null = readOwnedMetadata(raw)): JobView | null {
  if (metadata === null) return null;
  const { namespace, name, uid, resourceVersion, node, ownerUid, deleting } = metadata;
  const ended = arrayAt(objectAt(raw, "status"), "conditions").filter((item) => stringAt(item, "status") === "True");
  const failure = ended.find((item) => stringAt(item, "type") === "Failed");
  const isComplete = ended.some((item) => stringAt(item, "type") === "Complete");
  const why = [stringAt(failure, "reason"), stringAt(failure, "message")].filter(Boolean).join(": ").slice(0, MAX_WHY);
  return {
    namespace,
    name,
    uid,
    resourceVersion,
    node,
    ownerUid,
    deleting,
    state: failure === undefined ? (isComplete ? "complete" : "running") : "failed",
    why,
  };
}

const MAX_WHY = 256;
