import type { Surroundings } from "../core/detector.ts";
import { keyOf, type SeiNode } from "../core/node.ts";
import type { PodView } from "../core/views.ts";
import { claimName, serviceName, statefulSetName } from "../seinode/names.ts";
import type { Caches } from "./caches.ts";

/** What stands around a node as stored now. Only what is the node's own by owner UID counts as its StatefulSet and Pod. */
export function surroundings(caches: Caches, node: SeiNode): Surroundings {
  const { namespace, name, uid } = node.metadata;
  const found = caches.statefulSets.reader.get(`${namespace}/${statefulSetName(name)}`);
  const statefulSet = found?.ownerUid === uid ? found : null;
  const claim = caches.claims.reader.get(`${namespace}/${node.status.dataVolume?.claimName ?? claimName(name)}`);
  const pods = statefulSet === null ? [] : ownPods(caches, node, statefulSet.uid);
  const service = caches.services.reader.get(`${namespace}/${serviceName(name)}`);
  return {
    statefulSet,
    service: service?.ownerUid === uid ? service : null,
    claim,
    pod: pods.find((pod) => !pod.deleting) ?? pods[0] ?? null,
  };
}

/** Every Pod that carries the node's label. */
export function podsOf(caches: Caches, node: SeiNode): readonly PodView[] {
  return caches.pods.reader.byIndex(keyOf(node.metadata));
}

function ownPods(caches: Caches, node: SeiNode, statefulSetUid: string): readonly PodView[] {
  return podsOf(caches, node).filter((pod) => pod.ownerKind === "StatefulSet" && pod.ownerUid === statefulSetUid);
}

/** True while a Pod could answer at its address: it has one, is not going away, and has not ended. */
export function canAnswer(pod: PodView | null): pod is PodView & { readonly ip: string } {
  return pod !== null && pod.ip !== null && !pod.deleting && pod.phase !== "Succeeded" && pod.phase !== "Failed";
}
