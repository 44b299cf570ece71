/** Notes what keeps the node's Pod from running, in a reconcile or in a step of a plan. */
import { conditionOf, type Outcome } from "../model/index.ts";
import { type ReconcileContext, withOwnedNow } from "./context.ts";
import { patienceMs, watchTrouble } from "./trouble.ts";

/** What is told of it; null = nothing. The next reconcile comes when it has lasted long enough to be told. */
export function noteTrouble({ memory, node, owned, loop, next }: ReconcileContext): string | null {
  const mono = loop.clock.mono();
  const seen = loop.reader.trouble(node, owned);
  const told = conditionOf(node.status.conditions, "Reconciling")?.message ?? "";
  const wasTold = seen !== null && told.includes(seen.message);
  const trouble = watchTrouble(memory.trouble, seen, { mono, wasTold });
  memory.trouble = trouble;
  if (trouble === null) return null;
  if (trouble.told === null) next.atMost(trouble.sinceMono + patienceMs(trouble.seen) - mono);
  return trouble.told;
}

/** The outcome of a step; where it waits for the Pod, with what keeps that from running in the place of its own words. */
export function withTrouble(context: ReconcileContext, outcome: Outcome): Outcome {
  if (outcome.kind !== "again" || outcome.awaitsPod !== true) return outcome;
  // A step may have waited for long, or have changed what stands around the node.
  const told = noteTrouble(withOwnedNow(context));
  return told === null ? outcome : { ...outcome, why: told, isTrouble: true };
}
