/** The one place where status is written: one patch for all that a reconcile has to say, and then what is told of it. */
import { backOffMs, jitter, type JsonObject } from "../base/index.ts";
import { attentionOf, droppedField, type NodeStatus } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";
import { stateChangeEvents } from "./events.ts";
import { noteBaseline, noteDropped } from "./init-baseline.ts";
import { tidyConditions } from "./plugin-conditions.ts";
import { renewedDigests } from "./renewed-digests.ts";
import type { Acted, Committed, Decided, Ended, Persisted, Written } from "./steps.ts";
import { tellStored } from "./stored-report.ts";
import { troubleEvents } from "./trouble.ts";

/** A CRD that is too old is tried again this often: somebody may have applied the new one. */
const CRD_RETRY_MS = 60_000;

/** Stores what was decided, before anything of it is done. */
export async function persist({ context, obstacle }: Decided): Promise<Persisted | Acted | Ended> {
  const made = context.draft.status.plan?.id ?? null;
  const madePlan = made === context.node.status.plan?.id ? null : made;
  if (madePlan !== null) context.memory.planMade();
  const came = await commit(context);
  if (came.kind === "committed") return { kind: "persisted", context: came.context, obstacle, madePlan };
  return came.kind === "forbidden" ? { kind: "acted", context } : came;
}

/** Writes what changed, in one patch, and then sends the Events of what is now true. */
export async function commit(context: ReconcileContext): Promise<Written> {
  const { loop, node, draft } = context;
  tidyConditions(context);
  tellTrouble(context);
  let patch = draft.patch();
  if (patch === null) return { kind: "committed", context: tellWhatIsStored(context) };
  // Not worth a patch of its own: a new version would write a whole fleet.
  const applied = renewedDigests(context);
  if (applied !== null) draft.set({ applied });
  if (noteBaseline(context) || applied !== null) patch = draft.patch() ?? patch;
  if (!loop.policy.mayWrite(node)) {
    tellAttention(context, draft.status);
    return { kind: "forbidden", context };
  }
  draft.event(...stateChangeEvents(node.status, draft.status));
  return store(context, patch);
}

/** Writes a patch of status; the context that goes on has the node as it was stored, and a new draft. */
export async function store(context: ReconcileContext, patch: JsonObject): Promise<Committed | Ended> {
  const { loop, memory, next } = context;
  const reply = await loop.writer.patchStatus(context.node, patch);
  switch (reply.kind) {
    case "stored": {
      tellAttention(context, reply.node.status);
      const draft = context.draft.onto(reply.node, loop.clock.stamp());
      memory.stored();
      const stored = tellWhatIsStored({ ...context, node: reply.node, draft });
      noteDropped(context, patch, reply.status);
      const dropped = droppedField(patch, reply.status);
      if (dropped === null) return { kind: "committed", context: stored };
      memory.dropped = { field: dropped, untilMono: loop.clock.mono() + CRD_RETRY_MS };
      next.atMost(0);
      return { kind: "ended", context: stored };
    }
    // The watch will tell that it is gone; until then it is not read in a tight loop.
    case "gone":
    case "conflict":
      return endWith(context, null);
    case "lost":
      // It may have been stored after all, and then nobody has sent its Events.
      memory.lostReply(context.draft.reports);
      memory.eventsCaughtUp = false;
      return endWith(context, `the reply to a status patch was lost: ${reply.why}`);
    case "refused":
      return endWith(context, `the status patch was refused: ${reply.why}`);
  }
}

/** Tells what the node wants a person for from now on, or no longer. */
function tellAttention({ node, loop }: ReconcileContext, after: NodeStatus): void {
  const [was, is] = [attentionOf(node.status), attentionOf(after)];
  if (was?.transition !== is?.transition) loop.report.attention(node, is, was);
}

function tellTrouble({ memory, draft, owned, loop, node }: ReconcileContext): void {
  if (!loop.policy.mayWrite(node)) return;
  const of = owned.pod?.uid ?? owned.statefulSet?.uid ?? "";
  draft.event(...troubleEvents(memory.trouble, draft.status.conditions, of));
}

/** Sends the Events of what is stored, and tells telemetry. The same context: its draft has nothing left to tell. */
function tellWhatIsStored(context: ReconcileContext): ReconcileContext {
  const { memory, loop, node, draft } = context;
  const { events, reports } = draft.take();
  for (const event of events) {
    loop.writer.send(node, event);
    if (event.reason === "PodNotRunning" && memory.trouble !== null)
      memory.trouble = { ...memory.trouble, isSent: true };
  }
  // A CRD that is too old may have dropped the fields that they tell of.
  tellStored(reports, node);
  return context;
}

function endWith(context: ReconcileContext, why: string | null): Ended {
  return { kind: "ended", context: backOff(context, why) };
}

const BACK_OFF = { firstMs: 40, capMs: 300_000 };

/** The next reconcile comes after a wait that doubles with each failure in a row, up to 5 min. */
export function backOff(context: ReconcileContext, why: string | null): ReconcileContext {
  const { memory, loop, node, next } = context;
  const wait = jitter(backOffMs(BACK_OFF, memory.failed()), loop.random.u32(), { from: 0.5, to: 1 });
  next.backOff(wait);
  if (why !== null) loop.report.problem(node, why, wait);
  return context;
}
