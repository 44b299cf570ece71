/** From changes of stored objects to wakes of nodes: what does not concern the loop wakes nobody. */
import { keyOf, type NodeKey, type SeiNode } from "../../core/node.ts";
import type { Cause } from "../../core/node-memory.ts";
import type { PodView } from "../../core/views.ts";
import type { StoreChange } from "../../kube/store.ts";
import { type Caches, nodeKeyOf } from "./caches.ts";

/** Calls `wake` for every change that concerns a node; the result unsubscribes. */
export function wakeOnChanges(caches: Caches, wake: (key: NodeKey, cause: Cause) => void): () => void {
  // A selector leaves nodes out, and their Pods are mirrored all the same.
  const wakeOwner = (owned: { readonly namespace: string; readonly node: string }, cause: Cause): void => {
    const key = nodeKeyOf(owned);
    if (caches.nodes.reader.has(key)) wake(key, cause);
  };
  const ends = [
    caches.nodes.reader.subscribe((change) => {
      if (concernsLoop(change)) wake(keyOf(change.object.metadata), "node");
    }),
    caches.pods.reader.subscribe((change) => {
      if (change.type !== "updated" || isOtherPod(change.previous, change.object)) wakeOwner(change.object, "pod");
    }),
    caches.statefulSets.reader.subscribe((change) => {
      if (change.from !== "reply") wakeOwner(change.object, "owned");
    }),
    caches.services.reader.subscribe((change) => {
      if (change.from !== "reply") wakeOwner(change.object, "owned");
    }),
    caches.jobs.reader.subscribe((change) => {
      if (change.from !== "reply") wakeOwner(change.object, "owned");
    }),
    caches.claims.reader.subscribe((change) => {
      if (change.from !== "reply" && (change.type !== "updated" || change.previous?.uid !== change.object.uid)) {
        wakeOwner(change.object, "owned");
      }
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** Our own patches come back as replies and wake nobody. */
function concernsLoop(change: StoreChange<SeiNode>): boolean {
  return change.from !== "reply";
}

/** Whether a Pod changed in anything that a sidecar's answer could depend on. */
function isOtherPod(before: PodView | null, after: PodView): boolean {
  if (before === null) return true;
  return signature(before) !== signature(after);
}

function signature(pod: PodView): string {
  const containers = pod.containers.map(
    ({ name, image, state, containerId, restartCount }) => `${name} ${image} ${state} ${containerId} ${restartCount}`,
  );
  return [pod.uid, pod.ip, pod.phase, pod.deleting, pod.revision, ...containers].join("|");
}
