/**
 * Who may act: one Lease, or many of them shared out among replicas; and the Leases of others, observed.
 *
 * Invariants:
 * - no effect starts past the renewal deadline (test/kube/lease/elector.test.ts, test/cluster/leader.test.ts);
 * - every shard ends up with one replica, and shares differ by at most one (test/kube/lease/share-step.test.ts).
 */
export { type Elector, startElector } from "./elector.ts";
export { type LeaseObserver, type LeaseObserverOptions, observeLeases } from "./lease-observer.ts";
export type { LeaseWatchOptions } from "./lease-watch.ts";
export type { Lease } from "./lease.ts";
export type { SharedLease } from "./own-renewals.ts";
export {
  deadReplicas,
  isLastReplica,
  replicaKey,
  replicaMark,
  type ReplicasSeen,
  seeReplicas,
  stayingReplicas,
} from "./replicas.ts";
export { shardOf } from "./shard-of.ts";
export { type Shares, startShares } from "./shares.ts";
