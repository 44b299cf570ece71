/** The finalizer that keeps a deleted node until what is its own is taken down. */
import { FINALIZER, StatusDraft } from "../model/index.ts";
import { nowOf, retry, type Turn } from "./turn.ts";

/** Puts our finalizer on the node, before anything is made that a deletion would have to take down again. */
export async function ensureFinalizer(turn: Turn): Promise<boolean> {
  const { ports, clock } = turn.options;
  const { finalizers = [] } = turn.node.metadata;
  if (finalizers.includes(FINALIZER) || !ports.mayAct(turn.node)) return true;
  const reply = await ports.setFinalizers(turn.node, [...finalizers, FINALIZER]);
  if (reply.kind !== "stored") {
    if (reply.kind === "lost") turn.memory.uncertain = true;
    retry(turn, "why" in reply ? `the finalizer could not be set: ${reply.why}` : null);
    return false;
  }
  turn.node = reply.node;
  turn.draft = new StatusDraft(reply.node, nowOf(clock));
  return true;
}
