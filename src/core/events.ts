/**
 * The Events of a node, each named by the transition it tells of. What status remembers of a transition is enough
 * to make its Event again, so a crash between the commit and the Event loses nothing.
 */
import { conditionOf } from "./conditions.ts";
import type { Condition, NodeStatus, Phase, ReadinessTransition } from "./node.ts";
import type { PlanRecord } from "./plan.ts";
import type { NodeEvent } from "./ports.ts";
import { readinessEvent } from "./readiness.ts";

/** Events of changes older than this are not sent again after a restart: the API server has begun to forget them. */
const CATCH_UP_MS = 10 * 60_000;

/** The Event of the last change of a readiness story; none for a first sight of an open gate. */
export function readinessChanged(story: readonly ReadinessTransition[]): readonly NodeEvent[] {
  const reason = readinessEvent(story);
  const last = story.at(-1);
  if (reason === null || last === undefined) return [];
  const isLoss = reason === "SidecarReadinessLost";
  return [
    {
      type: isLoss ? "Warning" : "Normal",
      reason,
      action: "ProbeSidecar",
      note: isLoss ? "The sidecar answers 503: its gate is shut" : "The sidecar answers 200: its gate is open",
      transition: `SidecarReady/${last.to}/${last.at}`,
    },
  ];
}

/** Which phase usually comes before, for who did not see the change. */
const BEFORE: Partial<Record<Phase, string>> = {
  Initializing: "none",
  Running: "Initializing",
  Failed: "Initializing",
};

/** The Event of a phase that was entered. `at` is RFC 3339. */
export function phaseChanged(to: Phase, at: string, from = BEFORE[to] ?? "another"): NodeEvent {
  return {
    type: "Normal",
    reason: "PhaseTransition",
    action: "ChangePhase",
    note: `Phase changed from ${from} to ${to}`,
    transition: `Phase/${to}/${at}`,
  };
}

/** The Event of a plan that ended without reaching its goal. */
export function planFailed(record: PlanRecord): NodeEvent {
  return {
    type: "Warning",
    reason: "PlanFailed",
    action: "ExecutePlan",
    note: `${record.reason}: ${record.message ?? "no reason was given"}`,
    transition: `Plan/${record.id}/Failed`,
  };
}

/** The Event of a Pod that does not come to run, or does not come; `of` = UID of the Pod, or of the set that lacks one. */
export function podNotRunning(trouble: {
  readonly reason: string;
  readonly message: string;
  readonly of: string;
}): NodeEvent {
  const { reason, message, of } = trouble;
  return {
    type: "Warning",
    reason: "PodNotRunning",
    action: "WatchPod",
    note: message,
    transition: `PodNotRunning/${of}/${reason}`,
  };
}

/** The Event of fields that were edited and that only init applies, by the condition that names them; none while it names none. */
export function specUnapplied({ status, message, lastTransitionTime }: Condition): readonly NodeEvent[] {
  if (status !== "True") return [];
  const transition = `SpecUnapplied/${lastTransitionTime}/${message}`;
  return [{ type: "Warning", reason: "SpecUnapplied", action: "ReadSpec", note: message, transition }];
}

/** The Event of detectors that began to fail, by the condition that says so; none while it says otherwise. */
export function detectorFailed(condition: Condition): readonly NodeEvent[] {
  if (condition.status !== "True") return [];
  return [
    {
      type: "Warning",
      reason: "DetectorFailed",
      action: "Detect",
      note: condition.message,
      transition: `DetectorFailed/${condition.lastTransitionTime}`,
    },
  ];
}

/** The Event of a status in which a gate began to stay shut since nobody knows who shut it; else none. */
export function gateHeld(before: NodeStatus, after: NodeStatus): readonly NodeEvent[] {
  const held = conditionOf(after.conditions, "HeldByWorkflow");
  if (held === null || held.status === conditionOf(before.conditions, "HeldByWorkflow")?.status) return [];
  return gateHistoryUnknown(held);
}

function gateHistoryUnknown(condition: Condition): readonly NodeEvent[] {
  if (condition.reason !== "GateHistoryUnknown") return [];
  return [
    {
      type: "Warning",
      reason: "GateHistoryUnknown",
      action: "ProbeSidecar",
      note: condition.message,
      transition: `HeldByWorkflow/GateHistoryUnknown/${condition.lastTransitionTime}`,
    },
  ];
}

/** Every Event that status still tells of and that somebody may have failed to send, by the age of its stamp. */
export function recentEvents(status: NodeStatus, ageMs: (at: string) => number): readonly NodeEvent[] {
  const isRecent = (at: string | undefined): at is string => at !== undefined && ageMs(at) < CATCH_UP_MS;
  const { phase, phaseTransitionTime, readinessTransitions: story = [], history = [] } = status;
  const failing = conditionOf(status.conditions, "DetectorFailed");
  const held = conditionOf(status.conditions, "HeldByWorkflow");
  const unapplied = conditionOf(status.conditions, "SpecUnapplied");
  return [
    ...(phase !== undefined && isRecent(phaseTransitionTime) ? [phaseChanged(phase, phaseTransitionTime)] : []),
    ...history.filter(({ outcome, finishedAt }) => outcome === "Failed" && isRecent(finishedAt)).map(planFailed),
    ...(failing !== null && isRecent(failing.lastTransitionTime) ? detectorFailed(failing) : []),
    ...(unapplied !== null && isRecent(unapplied.lastTransitionTime) ? specUnapplied(unapplied) : []),
    ...(held !== null && isRecent(held.lastTransitionTime) ? gateHistoryUnknown(held) : []),
    ...story.flatMap(({ at }, index) => (isRecent(at) ? readinessChanged(story.slice(0, index + 1)) : [])),
  ];
}
