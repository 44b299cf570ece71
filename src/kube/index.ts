/**
 * The API server: whom to speak to, how to ask, how to keep a copy, who may act, how to tell. Could be lifted out as a
 * library: it imports nothing of ours, knows no SeiNode, and reports through callbacks.
 *
 * In the order an event walks it: `load-connection.ts` (server and identity), `client.ts` (requests as values),
 * `reflector.ts` (list and watch; its protocol is the pure `reflector-step.ts`), `store.ts` (one writer, any number of
 * readers), `queue.ts` (one entry a key, never twice at once), `elector.ts` (a Lease; pure in `elector-step.ts`),
 * `shares.ts` (many of them, shared out among replicas; pure in `share-step.ts` and `replicas.ts`), `lease-observer.ts`
 * (somebody else's Lease), `event-recorder.ts` (Events, behind the work).
 *
 * Invariants:
 * - a deletion is never missed, a relist tells it (test/kube/reflector.test.ts, test/cluster/reflector.test.ts);
 * - no event is applied from a line that was cut (test/kube/framer.test.ts);
 * - newer wins in a store, whoever tells it (test/kube/store.test.ts);
 * - a key never runs twice at once, and is never lost (test/kube/queue.test.ts);
 * - no effect starts past the renewal deadline (test/kube/elector.test.ts, test/cluster/leader.test.ts);
 * - every shard ends up with one replica, and shares differ by at most one (test/kube/share-step.test.ts);
 * - every fault of a kubeconfig is told before any request (test/kube/kubeconfig-connection.test.ts).
 */
export { createClient, type KubeClient } from "./client.ts";
export { type Connection, ConnectionError } from "./connection.ts";
export { type Elector, startElector } from "./elector.ts";
export { createEventRecorder, type EventRecorder } from "./event-recorder.ts";
export { loadConnection } from "./load-connection.ts";
export { createQueue, type Queue } from "./queue.ts";
export { type Reflector, startReflector } from "./reflector.ts";
export { createStore, type Store } from "./store.ts";
export type { ApiTransport, Clock, Random, Timers } from "./transport.ts";
