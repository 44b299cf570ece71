/**
 * The controller put together out of the rooms: what `run` starts on a cluster and `demo` on the simulated one.
 *
 * Follow an event: `caches.ts` mirrors the objects, `wakes.ts` turns a change into a key, `controller.ts` queues it and
 * runs the core's pass over ports made of `surroundings.ts` (what is stored), `imported-claims.ts` (what is not),
 * `sidecars.ts` (who can be asked), `node-facts.ts` (what the spec says), `status-writer.ts` and `objects.ts` (what is
 * written). `leadership.ts` says whether anything may be written at all, `sharding.ts` about which nodes where replicas
 * share them; `session.ts` is one life of it all.
 *
 * Invariants:
 * - nothing is written without the Lease, nor beside a living manager of the reference (test/cli/controller/leadership.test.ts);
 * - replies to our own writes enter the stores and wake nobody (test/cli/controller/wakes.test.ts);
 * - the Lease is given back only when no pass is under way (test/cli/controller/leadership.test.ts);
 * - of replicas that share shards no two may ever write about one node (test/cli/controller/sharding.test.ts,
 *   test/cluster/shards.test.ts, test/simulation/seeds.test.ts);
 * - a shard is left only when none of its passes is under way (test/cli/controller/controller.test.ts).
 */
export { type Session, type SessionOptions, startSession } from "./session.ts";
export { registry, type RegistryReply } from "./registry.ts";
