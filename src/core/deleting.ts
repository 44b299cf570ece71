/**
 * The passes of a node that somebody deleted: its plan ends, what is its own is taken down, and then it is let go.
 *
 * Outside of plans: the deletion is stored already, and taking down the same things twice is taking them down once.
 */
import { endPlan, setPhase } from "./acting.ts";
import { deletionBegun } from "./events.ts";
import { FINALIZER, isOrphaning, type Outcome, verdict } from "../model/index.ts";
import { commit, restAtMost, retry, type Turn } from "./turn.ts";

/** What was refused is tried again this often: a permission may be granted meanwhile. */
const REFUSED_AGAIN_MS = 30_000;

/** Takes the node down as far as it goes now. Nothing is done for one that does not wait for us. */
export async function deleteNode(turn: Turn): Promise<void> {
  const { ports, probeIntervalMs } = turn.options;
  const { finalizers = [] } = turn.node.metadata;
  if (!finalizers.includes(FINALIZER)) return;
  if (!ports.mayAct(turn.node)) return restAtMost(turn, probeIntervalMs);
  const { plan } = turn.draft.status;
  if (plan !== null && plan !== undefined) {
    endPlan(turn, plan, { outcome: "Superseded", message: "the node is being deleted" });
  }
  tellWhatGoes(turn);
  // What is its own is to outlive it: whose it is then, the garbage collector sees to.
  if (isOrphaning(turn.node)) return letGo(turn);
  setPhase(turn, "Terminating");
  const outcome = await ports.tearDown(turn.node);
  tell(turn, outcome);
  // A status that cannot be written holds no deletion up.
  await commit(turn);
  switch (outcome.kind) {
    case "done":
      return letGo(turn);
    case "again":
    case "submitted":
      return restAtMost(turn, outcome.afterMs);
    case "failed":
    case "superseded":
      return restAtMost(turn, REFUSED_AGAIN_MS);
  }
}

/** Once in each life of ours: a repeat meets the Event that is there already. Later, what went is seen no more. */
function tellWhatGoes(turn: Turn): void {
  const { memory, node, around } = turn;
  const { uid, deletionTimestamp = "" } = node.metadata;
  if (memory.isDeletionTold) return;
  memory.isDeletionTold = true;
  const what = { uid, at: deletionTimestamp, isOrphaning: isOrphaning(node) };
  // That it was deleted is stored already.
  turn.options.ports.send(node, deletionBegun(around, what));
}

async function letGo(turn: Turn): Promise<void> {
  const { ports } = turn.options;
  const others = (turn.node.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  const reply = await ports.setFinalizers(turn.node, others);
  switch (reply.kind) {
    case "stored":
    case "gone":
      turn.restMs = null;
      return;
    case "lost":
      turn.memory.uncertain = true;
      retry(turn, `the reply to the last patch of a deleted node was lost: ${reply.why}`);
      return;
    case "conflict":
      retry(turn, null);
      return;
    case "refused":
      retry(turn, `its finalizer could not be removed: ${reply.why}`);
  }
}

function tell(turn: Turn, outcome: Outcome): void {
  const why = "why" in outcome ? outcome.why : "";
  const isStuck = outcome.kind === "failed";
  turn.draft.abnormal(
    isStuck
      ? verdict("Stalled", "True", "TearDownFailed", `${outcome.code}: ${why}`)
      : verdict("Stalled", "False", "NotStalled", ""),
    !isStuck,
  );
  turn.draft.condition(verdict("Reconciling", isStuck ? "False" : "True", "Terminating", why));
  turn.draft.condition(
    isStuck
      ? verdict("Ready", "False", "TearDownFailed", "condition Stalled says why")
      : verdict("Ready", "False", "Terminating", "the node is being deleted"),
  );
  turn.draft.seen();
}
