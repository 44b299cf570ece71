/** What the loop keeps of the objects around a SeiNode: trimmed on arrival, so that a large fleet fits in memory. */

/** One container of a Pod, native sidecars included. `image` is what the spec asks for. */
export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly state: "waiting" | "running" | "terminated" | "unknown";
  /** Why it waits or ended, such as `ImagePullBackOff`; empty when it runs. */
  readonly stateReason: string;
  /** Empty until the container was started once. */
  readonly containerId: string;
  readonly restartCount: number;
  readonly ready: boolean;
}

/** The claim that a home is mounted from, and the folder of its volume; empty = its root. */
export interface HomeView {
  readonly claim: string;
  readonly subPath: string;
}

/** Why a Pod does not run, or none comes, in the words of whoever tells it in the cluster. */
export interface Trouble {
  /** Such as `ImagePullBackOff`, `Unschedulable`, `FailedCreate`. */
  readonly reason: string;
  /** One line that names the object first; no times and counts that go on while it lasts. */
  readonly message: string;
  /** It is over for a while and comes back, as a crash does. */
  readonly recurs?: true;
  /** Milliseconds for which it is ordinary; absent = it is told as soon as it has lasted a moment. */
  readonly ordinaryMs?: number;
}

/** What is kept of every object that belongs to a node. */
export interface OwnedView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Value of the label `sei.io/node`. */
  readonly node: string;
  /** UID of its controller owner. */
  readonly ownerUid: string | null;
}

/** A Pod that carries the label `sei.io/node`. */
export interface PodView extends OwnedView {
  /** 1 as long as nobody edited its spec; null where the API server does not count (before Kubernetes 1.33). */
  readonly generation: number | null;
  /** Value of the label `sei.io/component`; null on the Pod of the node itself. */
  readonly component: string | null;
  /** Null until an address was given; still set on a Pod that has ended, whose address is free again. */
  readonly ip: string | null;
  readonly phase: string;
  readonly deleting: boolean;
  readonly ready: boolean;
  /** Label `controller-revision-hash`. */
  readonly revision: string | null;
  /** Kind of its controller owner. */
  readonly ownerKind: string | null;
  readonly containers: readonly ContainerView[];
  /** RFC 3339, to the second; empty where the API server did not say. */
  readonly createdAt: string;
  /** Names of the PersistentVolumeClaims among its volumes. */
  readonly claims: readonly string[];
  /** What the home of `seid` is mounted from; null when that is no claim. */
  readonly home: HomeView | null;
  /** Where its sidecar listens, which an edit of the spec does not move; null when the Pod does not say. */
  readonly sidecarPort: number | null;
  /** Absent while it is well, or on its way. */
  readonly trouble?: Trouble;
}

/** A StatefulSet that carries the label `sei.io/node`. */
export interface StatefulSetView extends OwnedView {
  /** RFC 3339, to the second; empty where the API server did not say. */
  readonly createdAt: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly updateRevision: string | null;
  readonly deleting: boolean;
  /** Image of the `seid` container in the Pod template. */
  readonly templateImage: string | null;
  /** Image of the sidecar in the Pod template. */
  readonly templateSidecarImage: string | null;
  /** What the home of `seid` is mounted from in the Pod template; null when that is no claim. */
  readonly home: HomeView | null;
  /** False while the StatefulSet controller replaces Pods on its own when the template changes. */
  readonly isOnDelete: boolean;
  /** Digest of the fields that are ours by server-side apply, names and values; null when none is. */
  readonly ownedDigest: string | null;
  /** The same as an earlier version wrote it into status; absent when there is none. */
  readonly formerDigest?: string;
  /** True while the reference's field manager owns fields of it. */
  readonly isOfReference: boolean;
}

/** A Service that carries the label `sei.io/node`. */
export interface ServiceView extends OwnedView {
  /** Value of the label `sei.io/component`; null on the Service of the node itself. */
  readonly component: string | null;
  readonly deleting: boolean;
  /** Digest of the fields that are ours by server-side apply, names and values; null when none is. */
  readonly ownedDigest: string | null;
  /** The same as an earlier version wrote it into status; absent when there is none. */
  readonly formerDigest?: string;
  /** True while the reference's field manager owns fields of it. */
  readonly isOfReference: boolean;
}

/** A Job that carries the label `sei.io/node`. `why` is empty unless it failed. */
export interface JobView extends OwnedView {
  readonly deleting: boolean;
  readonly state: "running" | "complete" | "failed";
  readonly why: string;
}

/** A PersistentVolumeClaim that carries the label `sei.io/node`. */
export interface ClaimView extends OwnedView {
  readonly phase: string;
  readonly deleting: boolean;
  /** RFC 3339, to the second; empty where the API server did not say. */
  readonly createdAt: string;
}
