/**
 * Proof that what is seen around a node is what its last owner left. A mirror may be behind what another process wrote
 * that worked on the node before us, so what stands around the node is read live, once, before our first plan that
 * touches objects. A status patch needs no proof, since its lock is one, and neither does a gate, whose Pod is read right
 * before it is opened: most nodes of a fleet are never read. Source: docs/design/0016-taking-nodes-over.md.
 */
import type { NodeMemory } from "./node-memory.ts";
import type { Turn } from "./turn.ts";

interface Step {
  readonly type: string;
}

/** True when there is no proof and these tasks want it: then the pass is begun anew, by reading. */
export function lacksProof(turn: Turn, tasks: readonly Step[]): boolean {
  const { memory, node } = turn;
  // Around a node that nobody has worked on there is nothing to be behind with.
  if (memory.proof === "given" || node.status.phase === undefined || !touchesObjects(tasks)) return false;
  memory.proof = "wanted";
  return true;
}

/** Whether `lacksProof` has said so in this pass. */
export function isProofWanted({ memory }: Turn): boolean {
  return memory.proof === "wanted";
}

/** Whether the pass has to begin by reading: it was asked for, or there is a plan that somebody else may have made. */
export function isProofDue(memory: NodeMemory, active: readonly Step[] | null): boolean {
  return memory.proof === "wanted" || (memory.proof === "none" && active !== null && touchesObjects(active));
}

function touchesObjects(tasks: readonly Step[]): boolean {
  return tasks.some(({ type }) => type !== "mark-ready");
}
