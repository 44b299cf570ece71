/** A look at what keeps the node's Pod from running, in a pass or in a step of a plan. */
import { conditionOf, type Outcome } from "../model/index.ts";
import { patienceMs, watchTrouble } from "./trouble.ts";
import { restAtMost, type Turn } from "./turn.ts";

/** What is told of it; null = nothing. The next pass comes when it has lasted long enough to be told. */
export function noteTrouble(turn: Turn, around = turn.around): string | null {
  const { memory, node, options } = turn;
  const mono = options.clock.mono();
  const seen = options.ports.trouble(node, around);
  const told = conditionOf(node.status.conditions, "Reconciling")?.message ?? "";
  memory.trouble = watchTrouble(memory.trouble, seen, {
    mono,
    wasTold: seen !== null && told.includes(seen.message),
  });
  const { trouble } = memory;
  if (trouble === null) return null;
  if (trouble.told === null) restAtMost(turn, trouble.sinceMono + patienceMs(trouble.seen) - mono);
  return trouble.told;
}

/** The outcome of a step; where it waits for the Pod, with what keeps that from running in the place of its own words. */
export function withTrouble(turn: Turn, outcome: Outcome): Outcome {
  if (outcome.kind !== "again" || outcome.awaitsPod !== true) return outcome;
  // A step may have waited for long, or have changed what stands around the node.
  const told = noteTrouble(turn, turn.options.ports.surroundings(turn.node));
  return told === null ? outcome : { ...outcome, why: told, isTrouble: true };
}
