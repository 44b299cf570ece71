/**
 * A simulated cluster at the byte level: an API server (`api-server`, `route`, `write`, `apply`, `list`, `watch`
 * over `store`), a StatefulSet controller, a garbage collector, a kubelet, and the sidecars of its Pods.
 * It shares no code with `kube` or `sidecar`, whose bugs it is to find.
 *
 * Not here, so nothing may rely on it: namespaces as objects, authentication and authorisation; schema
 * validation and most defaults; strategic merge and JSON patches; `in`/`notin` selectors; field ownership of writes
 * by the cluster's own controllers; foreground deletions; sets of more than one replica; probes (a Pod's `Ready`
 * follows the gate); liveness; tables and protobuf; YAML bodies (an apply takes the JSON form alone). A watch on a compacted revision gets the
 * in-stream ERROR; a 410 as HTTP status comes from `beforeReply` and from stale `continue` tokens.
 *
 * Held against a real API server by test/conformance/requests.ts, which runs on both: refusals; merge patch, its lock and
 * its nulls; generation and the status path of SeiNodes; server-side apply of scalar fields and of the keyed lists of
 * containers, environment and ports, with its conflicts; pages and their tokens; delete and its preconditions, also one
 * that leaves what was owned; a status wiped whole; writes that admission denies; generation of Pods; the events
 * of a watch, also one that begins with a list; Events told twice; the revisions of a StatefulSet with OnDelete, there and
 * back. Everything else (410, timing of bookmarks, RollingUpdate, garbage collection, kubelet, volumes and sidecars) is
 * held by test/sim against our reading alone: *unguarded*.
 */
export { createSimCluster, type Fault, type SimCluster } from "./cluster.ts";
export type { Control, PlacedPod, Submission } from "./control.ts";
export type { Policy, Veil, WatchOf } from "./disorder.ts";
export type { Revision } from "./revision-store.ts";
