/** Reads from the caches what stands around a node: its Pods, claims, StatefulSet, Service and Job. */
import {
  type JobView,
  keyOf,
  type PodView,
  type SeiNode,
  type StatefulSetView,
  type OwnedObjects,
} from "../model/index.ts";
import { bootstrapJobName, claimName, podName, serviceName, statefulSetName } from "../seinode/objects/index.ts";
import type { Caches } from "./caches.ts";

/**
 * What stands around a node as stored now, but for what its spec and the platform ask for. Only what is the node's own
 * by owner UID counts as its StatefulSet and Pod.
 */
export function ownedObjects(caches: Caches, node: SeiNode): Omit<OwnedObjects, "sidecarImage"> {
  const { namespace, name, uid } = node.metadata;
  const found = caches.statefulSets.reader.get(`${namespace}/${statefulSetName(name)}`);
  const statefulSet = found?.ownerUid === uid ? found : null;
  const claim = caches.claims.reader.get(`${namespace}/${node.status.dataVolume?.claimName ?? claimName(name)}`);
  const pods = ownPods(caches, node, statefulSet);
  const service = caches.services.reader.get(`${namespace}/${serviceName(name)}`);
  return {
    statefulSet,
    service: service?.ownerUid === uid ? service : null,
    claim,
    pod: pods.find((pod) => !pod.deleting) ?? pods[0] ?? null,
  };
}

/** Every Pod that carries the node's label. */
export function podsOf(
  caches: Caches,
  { metadata }: { readonly metadata: Pick<SeiNode["metadata"], "namespace" | "name"> },
): readonly PodView[] {
  const { namespace, name } = metadata;
  return [...namedPod(caches, namespace, name), ...caches.pods.reader.byIndex(keyOf(metadata))];
}

/** The Pod of the node's name, if it is there. By its name alone it could be another node's. */
function namedPod(caches: Caches, namespace: string, node: string): readonly PodView[] {
  const named = caches.pods.reader.get(`${namespace}/${podName(node)}`);
  return named?.node === node ? [named] : [];
}

/** The node's bootstrap Job as stored now; null when there is none that is the node's. */
export function bootstrapJobOf(caches: Caches, { metadata }: SeiNode): JobView | null {
  const job = caches.jobs.reader.get(`${metadata.namespace}/${bootstrapJobName(metadata.name)}`);
  return job?.ownerUid === metadata.uid ? job : null;
}

/**
 * The Pod of the StatefulSet by its name: a set that somebody scaled up has another one on the same volume, and that
 * one's gate must never be opened. While there is no set, that of the bootstrap Job, whose sidecar is then the node's.
 */
function ownPods(caches: Caches, node: SeiNode, statefulSet: StatefulSetView | null): readonly PodView[] {
  const [kind, uid] =
    statefulSet === null ? ["Job", bootstrapJobOf(caches, node)?.uid] : ["StatefulSet", statefulSet.uid];
  if (uid === undefined) return [];
  const { namespace, name } = node.metadata;
  // Anybody may give the label to a thousand Pods: beside a set they are not even read.
  const pods = kind === "Job" ? podsOf(caches, node) : namedPod(caches, namespace, name);
  return pods.filter((pod) => pod.ownerKind === kind && pod.ownerUid === uid);
}

/** True while a Pod could answer at its address: it has one, is not going away, and has not ended. */
export function canAnswer(pod: PodView | null): pod is PodView & { readonly ip: string } {
  return pod !== null && pod.ip !== null && !pod.deleting && pod.phase !== "Succeeded" && pod.phase !== "Failed";
}
