/** A phase that nobody of ours can have left: what else is known of the node says which it is. */
import { setPhase } from "./acting.ts";
import { conditionOf } from "./conditions.ts";
import type { NodeStatus } from "./node.ts";
import type { Turn } from "./turn.ts";

/**
 * Mends `status.phase` where a hand, another program or a lost plan left it wrong. A node that was brought up is never
 * brought up again for that: init would write over its data. Where that cannot be told, a person decides.
 */
export function mendPhase(turn: Turn): void {
  const { status } = turn.draft;
  const { phase } = status;
  if (phase === "Running" || phase === "Failed" || !turn.options.ports.mayAct(turn.node)) return;
  // The plan of init is stored with its phase and ends with another: how far it came, nobody knows.
  if (phase === "Initializing") setPhase(turn, "Failed");
  else if (wasUp(status)) setPhase(turn, status.reinitialized === undefined ? "Running" : "Failed");
}

/** Only a node whose init came to its last step was seen with an image, and only a Running one is asked for its gate. */
function wasUp(status: NodeStatus): boolean {
  return status.currentImage !== undefined || conditionOf(status.conditions, "SidecarReady") !== null;
}
