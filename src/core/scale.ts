/**
 * A pause scales the StatefulSet to nothing, its end scales it back. Outside of plans: a paused node has none, and
 * what is applied follows from the spec alone, so there is nothing to remember.
 */
import type { ReconcileContext } from "./context.ts";
import { wantsLiveRead } from "./live-read.ts";
import { commit } from "./persist.ts";
import type { Committed, Written } from "./steps.ts";

/** Where somebody scales a paused node up again and again, it is scaled down no more often than this. */
const AGAIN_MS = 5000;

/** What a paused node still has; null when nothing of it runs any more. */
export function stillThere({ owned: { statefulSet, pod } }: ReconcileContext): string | null {
  if (statefulSet !== null && statefulSet.replicas !== 0) return "pause: the StatefulSet is scaled to 0";
  return pod === null ? null : `pause: Pod ${pod.name} is going`;
}

/** Makes the replicas what the pause wants. A Running node that is paused no more is left to its detectors. */
export async function scale(context: ReconcileContext): Promise<Written> {
  const { loop, memory, node, draft, next } = context;
  const asBefore: Committed = { kind: "committed", context };
  if (!isOff(context) || !loop.policy.mayAct(node)) return asBefore;
  const sinceMs = loop.clock.mono() - memory.scaledAt;
  if (sinceMs < AGAIN_MS) {
    next.atMost(AGAIN_MS - sinceMs);
    return asBefore;
  }
  if (wantsLiveRead(context)) return asBefore;
  memory.scaledAt = loop.clock.mono();
  const outcome = await loop.writer.applyStatefulSet(node);
  if (outcome.kind === "done") {
    const { applied, ...status } = outcome.status ?? {};
    // No Service follows here: what was applied is all that there is to apply of this generation.
    const { generation } = node.metadata;
    draft.set({ ...status, ...(applied === undefined ? {} : { applied: { ...applied, generation } }) });
    return commit(context);
  }
  const afterMs = "afterMs" in outcome ? outcome.afterMs : loop.probeIntervalMs;
  if ("why" in outcome) loop.report.problem(node, `it could not be scaled: ${outcome.why}`, afterMs);
  next.atMost(afterMs);
  return asBefore;
}

function isOff(context: ReconcileContext): boolean {
  const { owned, isPaused } = context;
  if (owned.statefulSet === null || owned.statefulSet.deleting) return false;
  return isPaused ? owned.statefulSet.replicas !== 0 : owned.statefulSet.replicas === 0 && isWaitedForByInit(context);
}

/** An init plan applied the set before the pause, and will not do so again. */
function isWaitedForByInit({ loop, node: { status } }: ReconcileContext): boolean {
  const { plan } = status;
  if (status.phase !== "Initializing" || plan?.phase !== "Active") return false;
  return plan.tasks.some((task) => loop.facts.task(task.type).makes === "statefulSet" && task.status === "Complete");
}
