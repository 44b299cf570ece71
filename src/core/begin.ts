/**
 * The begin of a reconcile: the node as it is, read live where our last write is in doubt, and all that comes before it is
 * observed: a deletion, a spec that nobody can follow, a CRD that is too old, the finalizer.
 */
import { backOffMs } from "../base/index.ts";
import { attentionOf, FINALIZER, keyOf, type Obstacle, type SeiNode } from "../model/index.ts";
import { type LoopParts, NextReconcile, type ReconcileContext, ReconcileDraft } from "./context.ts";
import { deleteNode } from "./delete-node.ts";
import { isRecent, recentEvents } from "./events.ts";
import { takeLiveReadDue } from "./live-read.ts";
import { summarise } from "./loop-conditions.ts";
import { backOff, commit, store } from "./persist.ts";
import type { Begun, Committed, Ended, Start, Unread } from "./steps.ts";
import { tellStored } from "./stored-report.ts";
import { crdObstacle, tellSpec } from "./summary.ts";

/** Begins: with the node as it is, up to where it can be observed. */
export async function begin(loop: LoopParts, start: Start): Promise<Begun | Ended | Unread> {
  const fresh = await freshNode(loop, start);
  if (fresh.kind === "unread") return fresh;
  const context = contextOf(loop, start, fresh.node);
  const triggers = start.memory.takeTriggers();
  if (fresh.node.metadata.deletionTimestamp !== undefined) return deleteNode(context);
  catchUp(context);
  const accepted = loop.facts.accepts(fresh.node);
  if (accepted.kind === "refused") return stall(context, accepted);
  const tooOld = crdObstacle(context);
  if (tooOld !== null) return stall(context, tooOld);
  const { paused: isPaused, withheld = null } = accepted;
  const finalized = await ensureFinalizer({ ...context, isPaused, withheld });
  const kept = finalized.kind === "committed" ? await ensureOutcomesKept(finalized.context) : finalized;
  if (kept.kind !== "committed") return { kind: "ended", context: kept.context };
  tellSpec(kept.context);
  return { kind: "begun", context: kept.context, triggers };
}

function contextOf(loop: LoopParts, { memory, signal }: Start, node: SeiNode): ReconcileContext {
  return {
    loop,
    memory,
    signal,
    startedAt: loop.clock.mono(),
    peersVersion: loop.reader.peersVersion(),
    node,
    owned: loop.reader.owned(node),
    isPaused: false,
    withheld: null,
    missedClaim: null,
    draft: new ReconcileDraft(node, loop.clock.stamp()),
    next: new NextReconcile(),
  };
}

/** The node as stored; read live first when the outcome of our last write is not known, or a live read is due. */
async function freshNode(
  loop: LoopParts,
  { node, memory }: Start,
): Promise<{ readonly kind: "fresh"; readonly node: SeiNode } | Unread> {
  const isDue = takeLiveReadDue(loop, { node, memory });
  if (!memory.isUncertain && !isDue) return { kind: "fresh", node };
  const key = keyOf(node.metadata);
  const isRead = await (isDue ? loop.reader.refreshOwned(key) : loop.reader.refresh(key));
  if (!isRead) return waitUnread(memory.failed());
  memory.wasRead(isDue);
  const current = loop.reader.node(key);
  if (current?.metadata.uid !== memory.uid) return waitUnread(memory.failures);
  tellStored(memory.takeUnsure(), current);
  return { kind: "fresh", node: current };
}

const READ_AGAIN = { firstMs: 200, capMs: 60_000 };

function waitUnread(failures: number): Unread {
  return { kind: "unread", afterMs: backOffMs(READ_AGAIN, failures) };
}

/** Tells once more what this process did not see committed itself: a repeat meets the Event that is there already. */
function catchUp({ memory, node, loop, draft }: ReconcileContext): void {
  if (memory.eventsCaughtUp || !loop.policy.mayWrite(node)) return;
  memory.eventsCaughtUp = true;
  const ageMs = (at: string): number => loop.clock.ageMs(at);
  draft.event(...recentEvents(node.status, ageMs, loop.readiness));
  const wanted = attentionOf(node.status);
  if (wanted !== null && isRecent(wanted.since, ageMs)) loop.report.attention(node, wanted, null);
}

/** Nothing can be done before a person or a new CRD comes: that is told, and no more. */
async function stall(context: ReconcileContext, obstacle: Obstacle): Promise<Ended> {
  summarise(context.draft, obstacle, { readiness: context.loop.readiness });
  const came = await commit(context);
  const isForbidden = came.kind === "forbidden" && came.context.next.afterMs === null;
  return { kind: "ended", context: isForbidden ? backOff(came.context, null) : came.context };
}

/** Puts our finalizer on the node, before anything is made that a deletion would have to take down again. */
async function ensureFinalizer(context: ReconcileContext): Promise<Committed | Ended> {
  const { loop, memory, node } = context;
  const { finalizers = [] } = node.metadata;
  if (finalizers.includes(FINALIZER) || !loop.policy.mayAct(node)) return { kind: "committed", context };
  const reply = await loop.writer.setFinalizers(node, [...finalizers, FINALIZER]);
  if (reply.kind !== "stored") {
    if (reply.kind === "lost") memory.lostReply();
    const why = "why" in reply ? `the finalizer could not be set: ${reply.why}` : null;
    return { kind: "ended", context: backOff(context, why) };
  }
  const draft = context.draft.onto(reply.node, loop.clock.stamp());
  return { kind: "committed", context: { ...context, node: reply.node, draft } };
}

/** A plan ends, or is seen to have healed, only where that is kept: before one of an earlier version does, the API server is asked. */
async function ensureOutcomesKept(context: ReconcileContext): Promise<Committed | Ended> {
  const { node, draft, loop } = context;
  const { plan = null, history = [] } = node.status;
  const opened = history.findLast(({ incarnation }) => incarnation !== undefined);
  const question = plan !== null || opened?.healed === false ? draft.question() : null;
  if (question === null || !loop.policy.mayAct(node)) return { kind: "committed", context };
  return store(context, question);
}
