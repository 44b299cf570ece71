/** From changes of stored objects to wakes of nodes: what does not concern the loop wakes nobody. */
import { type ClaimView, keyOf, type NodeKey, type PodView, type SeiNode } from "../model/index.ts";
import type { Cause } from "../core/index.ts";
import type { StoreChange } from "../kube/store/index.ts";
import { type Caches, nodeKeyOf } from "./caches.ts";

interface Owned {
  readonly namespace: string;
  readonly node: string;
}

/** Calls `wake` for every change that concerns a node; the result unsubscribes. */
export function wakeOnChanges(caches: Caches, wake: (key: NodeKey, cause: Cause) => void): () => void {
  const wakeOwner = ({ object, previous }: StoreChange<Owned>, cause: Cause): void => {
    const key = nodeKeyOf(object);
    // A selector leaves nodes out, and their Pods are mirrored all the same.
    if (caches.nodes.reader.has(key)) wake(key, cause);
    // Somebody changed the label: the node that has lost it is concerned as much.
    const before = previous === null ? key : nodeKeyOf(previous);
    if (before !== key && caches.nodes.reader.has(before)) wake(before, cause);
  };
  const ends = [
    caches.nodes.reader.subscribe((change) => {
      if (concernsLoop(change)) wake(keyOf(change.object.metadata), "node");
    }),
    caches.pods.reader.subscribe((change) => {
      if (change.type !== "updated" || isOtherPod(change.previous, change.object)) wakeOwner(change, "pod");
    }),
    caches.statefulSets.reader.subscribe((change) => {
      if (change.from !== "reply") wakeOwner(change, "owned");
    }),
    caches.services.reader.subscribe((change) => {
      if (change.from !== "reply") wakeOwner(change, "owned");
    }),
    caches.jobs.reader.subscribe((change) => {
      if (change.from !== "reply") wakeOwner(change, "owned");
    }),
    caches.claims.reader.subscribe((change) => {
      if (change.from !== "reply" && (change.type !== "updated" || isOtherClaim(change.previous, change.object))) {
        wakeOwner(change, "owned");
      }
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** Our own patches come back as replies and wake nobody. */
function concernsLoop(change: StoreChange<SeiNode>): boolean {
  return change.from !== "reply";
}

function isOtherClaim(before: ClaimView | null, after: ClaimView): boolean {
  return before?.uid !== after.uid || before.node !== after.node || before.deleting !== after.deleting;
}

/** Whether a Pod changed in anything that a pass could see, or that a sidecar's answer could depend on. */
function isOtherPod(before: PodView | null, after: PodView): boolean {
  if (before === null) return true;
  return signature(before) !== signature(after);
}

function signature(pod: PodView): string {
  const containers = pod.containers.map(
    ({ name, image, state, containerId, restartCount }) => `${name} ${image} ${state} ${containerId} ${restartCount}`,
  );
  const { uid, node, ownerKind, ownerUid, component, ip, phase, deleting, revision } = pod;
  return [uid, node, ownerKind, ownerUid, component, ip, phase, deleting, revision, ...containers].join("|");
}
