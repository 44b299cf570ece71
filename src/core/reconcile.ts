/**
 * One reconcile of one node: begin, observe, decide, persist, act, rest. Source: docs/design/0001-the-loop.md.
 *
 * Each step takes what the one before has found and says what it came to. One that ends the reconcile early says so, and
 * what comes after it is left out: nothing is decided about a node that could not be observed, nothing is done that is not
 * stored.
 */
import { act } from "./act.ts";
import { begin } from "./begin.ts";
import type { LoopParts } from "./context.ts";
import { decide } from "./decide.ts";
import { observe } from "./observe.ts";
import { persist } from "./persist.ts";
import { type Rest, rest } from "./rest.ts";
import type { Start } from "./steps.ts";

/** Reconciles the node once, and says when it wants to be reconciled next. */
export async function reconcile(loop: LoopParts, start: Start): Promise<Rest> {
  const begun = await begin(loop, start);
  const observed = begun.kind === "begun" ? await observe(begun) : begun;
  const decided = observed.kind === "observed" ? decide(observed) : observed;
  const persisted = decided.kind === "decided" ? await persist(decided) : decided;
  const acted = persisted.kind === "persisted" ? await act(persisted) : persisted;
  if (acted.kind !== "liveReadDue") return rest(acted);
  // What is to be done rests on more than the mirrors: all of it is read live, and the reconcile begins anew.
  start.memory.eventsCaughtUp = false;
  return reconcile(loop, { ...start, node: acted.context.node });
}
