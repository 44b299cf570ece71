/**
 * The reconciles of a node that somebody deleted: its plan ends, what is its own is taken down, and then it is let go.
 *
 * Outside of plans: the deletion is stored already, and taking down the same things twice is taking them down once.
 */
import { FINALIZER, isOrphaning, type Outcome, verdict } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";
import { endPlan, setPhase } from "./end-plan.ts";
import { deletionEvent } from "./events.ts";
import { backOff, commit } from "./persist.ts";
import type { Ended } from "./steps.ts";

/** What was refused is tried again this often: a permission may be granted meanwhile. */
const REFUSED_AGAIN_MS = 30_000;

/** Takes the node down as far as it goes now. Nothing is done for one that does not wait for us. */
export async function deleteNode(context: ReconcileContext): Promise<Ended> {
  const { loop, node, draft, next } = context;
  const { finalizers = [] } = node.metadata;
  if (!finalizers.includes(FINALIZER)) return { kind: "ended", context };
  if (!loop.policy.mayAct(node)) {
    next.atMost(loop.probeIntervalMs);
    return { kind: "ended", context };
  }
  const { plan } = draft.status;
  if (plan !== null && plan !== undefined) {
    endPlan(context, plan, { outcome: "Superseded", message: "the node is being deleted" });
  }
  tellWhatGoes(context);
  // What is its own is to outlive it: whose it is then, the garbage collector sees to.
  if (isOrphaning(node)) return letGo(context);
  setPhase(context, "Terminating");
  const outcome = await loop.writer.tearDown(node);
  tell(context, outcome);
  // A status that cannot be written holds no deletion up.
  const { context: after } = await commit(context);
  if (outcome.kind === "done") return letGo(after);
  next.atMost("afterMs" in outcome ? outcome.afterMs : REFUSED_AGAIN_MS);
  return { kind: "ended", context: after };
}

/** Once in each life of ours: a repeat meets the Event that is there already. Later, what went is seen no more. */
function tellWhatGoes({ loop, memory, node, owned }: ReconcileContext): void {
  const { uid, deletionTimestamp = "" } = node.metadata;
  if (!memory.tellsDeletion()) return;
  const what = { uid, at: deletionTimestamp, isOrphaning: isOrphaning(node) };
  // That it was deleted is stored already.
  loop.writer.send(node, deletionEvent(owned, what));
}

async function letGo(context: ReconcileContext): Promise<Ended> {
  const { loop, memory, node, next } = context;
  const others = (node.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  const reply = await loop.writer.setFinalizers(node, others);
  switch (reply.kind) {
    case "stored":
    case "gone":
      next.never();
      return { kind: "ended", context };
    case "lost":
      memory.lostReply();
      return endWith(context, `the reply to the last patch of a deleted node was lost: ${reply.why}`);
    case "conflict":
      return endWith(context, null);
    case "refused":
      return endWith(context, `its finalizer could not be removed: ${reply.why}`);
  }
}

function endWith(context: ReconcileContext, why: string | null): Ended {
  return { kind: "ended", context: backOff(context, why) };
}

function tell({ draft }: ReconcileContext, outcome: Outcome): void {
  const why = "why" in outcome ? outcome.why : "";
  const isStuck = outcome.kind === "failed";
  draft.abnormal(
    isStuck
      ? verdict("Stalled", "True", "TearDownFailed", `${outcome.code}: ${why}`)
      : verdict("Stalled", "False", "NotStalled", ""),
    !isStuck,
  );
  draft.condition(verdict("Reconciling", isStuck ? "False" : "True", "Terminating", why));
  draft.condition(
    isStuck
      ? verdict("Ready", "False", "TearDownFailed", "condition Stalled says why")
      : verdict("Ready", "False", "Terminating", "the node is being deleted"),
  );
  draft.seen();
}
