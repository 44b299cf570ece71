/**
 * The loop: one pass for one node, over ports it declares. No I/O, clock or randomness of its own.
 *
 * A pass walks: wake (`loop.ts`), observe (`looking.ts`), decide (`deciding.ts`), persist (`turn.ts`), act
 * (`acting.ts`), rest (`loop.ts`, between passes `glance.ts` and `sidecar-waits.ts`). Plans are pure data: `plan.ts`, `plan-lifecycle.ts`, `history.ts`.
 *
 * Invariants:
 * - at most one Active plan a node, and none is acted on before it was stored (test/core/loop.test.ts);
 * - status is written once before acting and once after, and not at all when nothing changed (test/core/loop.test.ts);
 * - a probe that is not exactly 503 makes no plan (test/core/loop.test.ts, test/cluster/no-evidence.test.ts);
 * - nothing is decided between passes: a glance or a wait asks for one, and hands over at most that a gate was shut just
 *   now (test/core/glance.test.ts);
 * - what a restart forgets changes neither the end state nor the ids (test/core/loop.test.ts, test/cluster/killed.test.ts);
 * - every Event is named by its transition and follows its commit (test/core/loop.test.ts).
 */
export { statesChanged } from "./events.ts";
export { createLoop, type Loop } from "./loop.ts";
export type { Cause } from "./node-memory.ts";
export type { NodeEvent, PassPorts, PatchReply, SidecarAddress } from "./ports.ts";
export { judge, oneLine } from "./registry.ts";
export { summarise } from "./verdicts.ts";
