/**
 * The loop: one reconcile for one node, over ports it declares. No I/O, clock or randomness of its own. It names no task, no
 * condition and no container of a built-in: what it must know of them the detectors and tasks declare
 * (test/house/loop-words.test.ts).
 *
 * Begin with `reconcile.ts`: begin (`begin.ts`), observe (`observe.ts`), decide (`decide.ts`), persist (`persist.ts`), act (`act.ts`), rest
 * (`rest.ts`). Between reconciles `idle-node.ts` and `startup-probes.ts` ask the sidecar, and `loop.ts` keeps what is
 * remembered. Plans are pure data: `plan.ts`, `plan-lifecycle.ts` and `history.ts` of the model.
 *
 * Invariants:
 * - at most one Active plan a node, and none is acted on before it was stored (test/core/loop.test.ts);
 * - status is written once before acting and once after, and not at all when nothing changed; a finalizer, and a pause or its
 *   end, are writes of their own (test/core/loop.test.ts, test/core/scale.test.ts);
 * - a probe that is not exactly 503 makes no plan (test/core/loop.test.ts, test/cluster/no-evidence.test.ts);
 * - nothing is decided between reconciles: an idle or a startup probe asks for one, and hands over at most that a gate was
 *   shut just now (test/core/idle-node.test.ts);
 * - what a restart forgets changes neither the end state nor the ids (test/core/loop.test.ts, test/cluster/killed.test.ts);
 * - every Event is named by its transition and follows its commit (test/core/loop.test.ts).
 */
export { stateChangeEvents } from "./events.ts";
export { judge } from "./judge.ts";
export { summarise } from "./loop-conditions.ts";
export { createLoop, type Loop } from "./loop.ts";
export type { Trigger } from "./node-memory.ts";
export type { Facts, NodeEvent, PatchReply, Policy, Ports, Reader, SidecarAddress, Sidecars, Writer } from "./ports.ts";
export { thrownText } from "./run-observe.ts";
