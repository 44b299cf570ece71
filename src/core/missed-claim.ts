/**
 * A claim that no mirror shows and that is there all the same: somebody took its label, by which claims are watched. It is
 * read live before its loss is told, since the way out is another one.
 */
import type { Turn } from "./turn.ts";

/** A loss that stands is looked into this seldom: who gives the label back wakes the node. */
const AGAIN_MS = 60_000;

/** Looks for the claim that init completed on, where it is missed. Awaits only then. */
export async function seekClaim(turn: Turn): Promise<void> {
  const { node, around, memory, options } = turn;
  const { phase, dataVolume } = node.status;
  if (phase !== "Running" || dataVolume === undefined || around.claim !== null) return;
  const mono = options.clock.mono();
  const { claimSought } = memory;
  if (claimSought !== null && mono - claimSought.at < AGAIN_MS) {
    turn.missedClaim = claimSought.claim;
    return;
  }
  const claim = await options.ports.claimOf(node, dataVolume.claimName);
  // What was read entered the mirror, where it bears the label after all.
  turn.around = options.ports.surroundings(node);
  if (claim === undefined) return;
  memory.claimSought = { at: mono, claim };
  turn.missedClaim = claim;
}
