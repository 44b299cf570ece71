/** The node that a pass begins with. */
import { keyOf, type SeiNode } from "../model/index.ts";
import type { NodeMemory } from "./node-memory.ts";
import { isProofDue } from "./proof.ts";
import { tellStored } from "./stored-report.ts";
import type { LoopOptions } from "./turn.ts";

interface Known {
  readonly node: SeiNode;
  readonly memory: NodeMemory;
}

/** The node as stored; read live first when the outcome of our last write is not known, or proof is due. */
export async function freshNode({ ports }: LoopOptions, { node, memory }: Known): Promise<SeiNode | null> {
  const active = node.status.plan?.phase === "Active" ? node.status.plan.tasks : null;
  const needsProof = isProofDue(memory, active) && ports.mayAct(node);
  memory.proof = memory.proof === "given" ? "given" : "none";
  if (!memory.uncertain && !needsProof) return node;
  const key = keyOf(node.metadata);
  if (!(await (needsProof ? ports.refreshAround(key) : ports.refresh(key)))) {
    memory.failures += 1;
    return null;
  }
  memory.uncertain = false;
  if (needsProof) memory.proof = "given";
  const current = ports.node(key);
  if (current?.metadata.uid !== memory.uid) return null;
  tellStored(memory.unsure, current);
  memory.unsure = [];
  return current;
}
