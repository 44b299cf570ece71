/**
 * A pause scales the StatefulSet to nothing, its end scales it back. Outside of plans: a paused node has none, and
 * what is applied follows from the spec alone, so there is nothing to remember.
 */
import { lacksProof } from "./proof.ts";
import { type Commit, commit, restAtMost, type Turn } from "./turn.ts";

/** Somebody who scales a paused node up again is not fought faster than this. */
const AGAIN_MS = 5000;

const SCALING = { type: "apply-statefulset" };

/** What a paused node still has; null when nothing of it runs any more. */
export function stillThere({ around: { statefulSet, pod } }: Turn): string | null {
  if (statefulSet !== null && statefulSet.replicas !== 0) return "pause: the StatefulSet is scaled to 0";
  return pod === null ? null : `pause: Pod ${pod.name} is going`;
}

/** Makes the replicas what the pause wants. A Running node that is paused no more is left to its detectors. */
export async function scale(turn: Turn, isPaused: boolean): Promise<Commit> {
  const { ports, clock } = turn.options;
  const { statefulSet } = turn.around;
  if (statefulSet === null || statefulSet.deleting || !ports.mayAct(turn.node)) return "go";
  const isOff = isPaused ? statefulSet.replicas !== 0 : statefulSet.replicas === 0 && isWaitedForByInit(turn);
  if (!isOff) return "go";
  const sinceMs = clock.mono() - turn.memory.scaledAt;
  if (sinceMs < AGAIN_MS) {
    restAtMost(turn, AGAIN_MS - sinceMs);
    return "go";
  }
  if (lacksProof(turn, [SCALING])) return "go";
  turn.memory.scaledAt = clock.mono();
  const outcome = await ports.applyStatefulSet(turn.node);
  if (outcome.kind === "done") {
    const { applied, ...status } = outcome.status ?? {};
    // No Service follows here: what was applied is all that there is to apply of this generation.
    const { generation } = turn.node.metadata;
    turn.draft.set({ ...status, ...(applied === undefined ? {} : { applied: { ...applied, generation } }) });
    return commit(turn);
  }
  const afterMs = "afterMs" in outcome ? outcome.afterMs : turn.options.probeIntervalMs;
  if ("why" in outcome) ports.report.problem(turn.node, `it could not be scaled: ${outcome.why}`, afterMs);
  restAtMost(turn, afterMs);
  return "go";
}

/** An init plan applied the set before the pause, and will not do so again. */
function isWaitedForByInit({ node: { status } }: Turn): boolean {
  const { plan } = status;
  if (status.phase !== "Initializing" || plan?.phase !== "Active") return false;
  return plan.tasks.some((task) => task.type === "apply-statefulset" && task.status === "Complete");
}
