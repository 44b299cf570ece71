/** From what changed to the nodes that it concerns: each is enqueued with what triggered it, and nobody else is. */
import { type ClaimView, keyOf, type NodeKey, type PodView, type SeiNode } from "../model/index.ts";
import type { Trigger } from "../core/index.ts";
import type { StoreChange } from "../kube/store/index.ts";
import { type Caches, nodeKeyOf } from "./caches.ts";
import type { NoPods } from "./no-pod.ts";

interface Owned {
  readonly namespace: string;
  readonly node: string;
}

/** What changes: stored objects, and what was found out about nodes without a Pod. */
export interface Changing {
  readonly caches: Caches;
  readonly noPods: Pick<NoPods, "subscribe">;
}

/** Calls `enqueue` for every change that concerns a node; the result unsubscribes. */
export function triggerOnChanges(
  { caches, noPods }: Changing,
  enqueue: (key: NodeKey, trigger: Trigger) => void,
): () => void {
  const enqueueOwner = ({ object, previous }: StoreChange<Owned>, trigger: Trigger): void => {
    const key = nodeKeyOf(object);
    // A selector leaves nodes out, and their Pods are mirrored all the same.
    if (caches.nodes.reader.has(key)) enqueue(key, trigger);
    // Somebody changed the label: the node that has lost it is concerned as much.
    const before = previous === null ? key : nodeKeyOf(previous);
    if (before !== key && caches.nodes.reader.has(before)) enqueue(before, trigger);
  };
  const ends = [
    caches.nodes.reader.subscribe((change) => {
      if (concernsLoop(change)) enqueue(keyOf(change.object.metadata), "node");
    }),
    caches.pods.reader.subscribe((change) => {
      if (change.type !== "updated" || isOtherPod(change.previous, change.object)) enqueueOwner(change, "pod");
    }),
    caches.statefulSets.reader.subscribe((change) => {
      if (change.from !== "reply") enqueueOwner(change, "owned");
    }),
    caches.services.reader.subscribe((change) => {
      if (change.from !== "reply") enqueueOwner(change, "owned");
    }),
    caches.jobs.reader.subscribe((change) => {
      if (change.from !== "reply") enqueueOwner(change, "owned");
    }),
    caches.claims.reader.subscribe((change) => {
      if (change.from !== "reply" && (change.type !== "updated" || isOtherClaim(change.previous, change.object))) {
        enqueueOwner(change, "owned");
      }
    }),
    noPods.subscribe((key) => enqueue(key, "owned")),
  ];
  return () => ends.forEach((end) => end());
}

/** Our own patches come back as replies and trigger nothing. */
function concernsLoop(change: StoreChange<SeiNode>): boolean {
  return change.from !== "reply";
}

function isOtherClaim(before: ClaimView | null, after: ClaimView): boolean {
  return before?.uid !== after.uid || before.node !== after.node || before.deleting !== after.deleting;
}

/** Whether a Pod changed in anything that a reconcile could see, or that a sidecar's answer could depend on. */
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
