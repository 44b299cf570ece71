/**
 * Whether a Pod still has the images it was made with, by the API server's own record of who set what. Admission rewrites
 * an image as the Pod is made, and whoever makes it is noted for that; whoever edits it later is noted beside (tried).
 */
import { SEID_CONTAINER, SIDECAR_CONTAINER } from "../../model/index.ts";
import { arrayAt, field, objectAt, stringAt } from "../../base/index.ts";

/** True when nobody edited an image of the Pod in place; false also where the Pod does not say. Never throws. */
export function hasImagesAsMade(pod: unknown): boolean {
  const entries = arrayAt(field(pod, "metadata"), "managedFields").filter(
    (entry) => stringAt(entry, "operation") === "Update" && !stringAt(entry, "subresource"),
  );
  return OURS.every(([list, name]) => {
    const owned = entries.map((entry) => objectAt(listIn(entry, list), `k:{"name":"${name}"}`));
    // A container's name never changes, so whoever owns it made the Pod.
    return owned.some((fields) => "f:name" in fields && "f:image" in fields);
  });
}

const OURS = [
  ["f:containers", SEID_CONTAINER],
  ["f:initContainers", SIDECAR_CONTAINER],
] as const;

function listIn(entry: unknown, list: string): unknown {
  return objectAt(objectAt(objectAt(entry, "fieldsV1"), "f:spec"), list);
}
