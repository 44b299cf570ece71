/**
 * The controller put together out of the rooms: what `run` starts on a cluster and `demo` on the simulated one.
 *
 * Follow an event: `caches.ts` mirrors the objects, `triggers.ts` turns a change into a key, `controller.ts` queues it and
 * runs the core's reconcile over its five ports, a file each: `reader.ts` (what is stored, and what is read live),
 * `sidecars.ts` (who can be asked), `facts.ts` (what the spec says, and the tasks), `policy.ts` (what may be done now),
 * `writer.ts` (what is written). `leadership.ts` says whether anything may be written at all, `sharding.ts` about which
 * nodes where replicas share them; `session.ts` is one life of it all.
 *
 * Invariants:
 * - nothing is written without the Lease, nor beside a living manager of the reference (test/controller/leadership.test.ts);
 * - replies to our own writes enter the stores and trigger nothing (test/controller/triggers.test.ts);
 * - the Lease is given back only when no reconcile is under way (test/controller/leadership.test.ts);
 * - of replicas that share shards no two may ever write about one node (test/controller/sharding.test.ts,
 *   test/cluster/shards.test.ts, test/simulation/seeds.test.ts);
 * - a shard is left only when none of its reconciles is under way (test/controller/controller.test.ts).
 */
export { apiTransport } from "./api-transport.ts";
export { createBudgets } from "./budgets.ts";
export { type Caches, createStores, RESOURCES, startCaches } from "./caches.ts";
export { connectionPorts } from "./connect.ts";
export { type ControllerReport, createController } from "./controller.ts";
export { factsPort } from "./facts.ts";
export { fleetStates } from "./fleet-states.ts";
export { importedClaims } from "./imported-claims.ts";
export type { LeaseOptions } from "./leadership-options.ts";
export { findLeaseNamespace } from "./lease-namespace.ts";
export { doOverlap, type Scope, scopeOf, scopeText } from "./lease-scope.ts";
export { loadDetectors } from "./load-detectors.ts";
export { loadPlatform, PLATFORM_PATH_ENV } from "./load-platform.ts";
export { nodeFacts } from "./node-facts.ts";
export { objectReads, objectWrites } from "./objects.ts";
export { createPeerIndex, type PeersOf } from "./peer-index.ts";
export { PLATFORM_CONFIG_MAP, PLATFORM_KEY } from "./platform-config-map.ts";
export { missingPermissions } from "./preflight.ts";
export { pushOtlp } from "./push-otlp.ts";
export { registry } from "./registry.ts";
export { measureController } from "./report.ts";
export { type Session, startSession } from "./session.ts";
export { toSidecarHealth } from "./sidecars.ts";
export { canAnswer, ownedObjects } from "./owned-objects.ts";
export { triggerOnChanges } from "./triggers.ts";
export { statusWriter } from "./writer.ts";
