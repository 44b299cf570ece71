/**
 * A simulated cluster at the byte level: an API server (`api-server`, `route`, `write`, `apply`, `list`, `watch`
 * over `store`), a StatefulSet controller, a garbage collector, a kubelet, and the sidecars of its Pods.
 * It shares no code with `kube` or `sidecar`, whose bugs it is to find.
 *
 * Not here, so nothing may rely on it: namespaces as objects, authentication, authorisation and admission; schema
 * validation and most defaults; strategic merge and JSON patches; `in`/`notin` selectors; field ownership of writes
 * by the cluster's own controllers; orphaning deletions; sets of more than one replica; probes (a Pod's `Ready`
 * follows the gate); liveness; tables and protobuf; YAML bodies (an apply takes the JSON form alone); reuse of Pod addresses. A watch on a compacted revision gets the
 * in-stream ERROR; a 410 as HTTP status comes from `beforeReply` and from stale `continue` tokens.
 *
 * Held against a real API server by test/conformance/requests.ts: refusals, merge patch, server-side apply of scalar
 * fields, delete and list of Leases. Everything else (watch, 410, generation, status, keyed lists, the controllers,
 * kubelet and sidecars) is held by test/sim against our reading alone: *unguarded*.
 */
export { createSimCluster, type Fault, type SimCluster, type SimInput, type SimOptions } from "./cluster.ts";
export type { AuditLine, Control, Submission } from "./control.ts";
export type { Revision } from "./store.ts";
export type { SimApi, SimRequest, SimResponse, SimSidecars, SimTarget } from "./transport.ts";
