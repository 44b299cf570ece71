/** When the Pod of a node was made, for times that are told since then. */
import { type SeiNode, SIDECAR_CONTAINER } from "../model/index.ts";
import type { Caches } from "./caches.ts";
import { ownedObjects } from "./owned-objects.ts";

/** Null while there is no Pod, where the API server did not say when it began, and once its sidecar was restarted in it. */
export function podBirth(caches: Caches, node: SeiNode): { readonly uid: string; readonly createdAt: number } | null {
  const { pod } = ownedObjects(caches, node);
  if (pod === null || pod.deleting) return null;
  const createdAt = Date.parse(pod.createdAt);
  const sidecar = pod.containers.find(({ name }) => name === SIDECAR_CONTAINER);
  return Number.isNaN(createdAt) || sidecar?.restartCount !== 0 ? null : { uid: pod.uid, createdAt };
}
