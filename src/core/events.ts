/**
 * The Events of a node, each named by the transition it tells of. What status remembers of a transition is enough
 * to make its Event again, so a crash between the commit and the Event loses nothing.
 */
import {
  type Attention,
  attentionOf,
  attentionState,
  type Condition,
  conditionOf,
  type EventReason,
  type NodeStatus,
  type OwnedObjects,
  type Phase,
  type PlanRecord,
  type ReadinessTransition,
} from "../model/index.ts";
import type { Readiness } from "./gate-condition.ts";
import type { NodeEvent } from "./ports.ts";
import { readinessEvent } from "./readiness.ts";

/** Events of changes older than this are not sent again after a restart: the API server has begun to forget them. */
const CATCH_UP_MS = 10 * 60_000;

/** The Event of the last change of a readiness story; none for a first sight of an open gate. */
export function readinessChangeEvent(
  story: readonly ReadinessTransition[],
  { condition }: Readiness,
): readonly NodeEvent[] {
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
      transition: `${condition}/${last.to}/${last.at}`,
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
export function phaseChangeEvent(to: Phase, at: string, from = BEFORE[to] ?? "another"): NodeEvent {
  return {
    type: "Normal",
    reason: "PhaseTransition",
    action: "ChangePhase",
    note: `Phase changed from ${from} to ${to}`,
    transition: `Phase/${to}/${at}`,
  };
}

/** The Event of a plan that ended without reaching its goal; `what` says more of it than its reason does. */
export function planFailureEvent(record: PlanRecord, what = ""): NodeEvent {
  return {
    type: "Warning",
    reason: "PlanFailed",
    action: "ExecutePlan",
    note: `${record.reason}${what === "" ? "" : ` (${what})`}: ${record.message ?? "no reason was given"}`,
    transition: `Plan/${record.id}/Failed`,
  };
}

/** The Event of a Pod that does not come to run, or does not come; `of` = UID of the Pod, or of the set that lacks one. */
export function podTroubleEvent(trouble: {
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
export function unappliedSpecEvents({ status, message, lastTransitionTime }: Condition): readonly NodeEvent[] {
  if (status !== "True") return [];
  const transition = `SpecUnapplied/${lastTransitionTime}/${message}`;
  return [{ type: "Warning", reason: "SpecUnapplied", action: "ReadSpec", note: message, transition }];
}

/** The Event of detectors that began to fail, by the condition that says so; none while it says otherwise. */
export function detectorFailureEvents(condition: Condition): readonly NodeEvent[] {
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

/** The Events of what a node came to want a person for, of the end of its pause, and of its roll-out's start and end. */
export function stateChangeEvents(before: NodeStatus, after: NodeStatus): readonly NodeEvent[] {
  const isNew = ({ transition }: NodeEvent): boolean =>
    !stateEvents(before).some((one) => one.transition === transition);
  return stateEvents(after).filter(isNew);
}

/** What a status tells of by itself: the same Events from the same status, whoever makes them. */
function stateEvents(status: NodeStatus): readonly NodeEvent[] {
  const wanted = attentionOf(status);
  return [...(wanted === null ? [] : personWanted(wanted)), ...pauseEnded(status), ...rollOut(status)];
}

function personWanted({ reason, why, transition }: Attention): readonly NodeEvent[] {
  const type = attentionState(reason).event;
  return type === null || type === "own" ? [] : [{ type, reason, action: "Reconcile", note: why, transition }];
}

function pauseEnded({ conditions }: NodeStatus): readonly NodeEvent[] {
  const paused = conditionOf(conditions, "Paused");
  if (paused?.status !== "False") return [];
  const note = "spec.paused is no longer set: the node is run again";
  const transition = `Paused/False/${paused.lastTransitionTime}`;
  return [{ type: "Normal", reason: "Resumed", action: "Reconcile", note, transition }];
}

const ROLL_OUT_NOTES: Readonly<Record<string, { readonly reason: EventReason; readonly said: string }>> = {
  UpdateStarted: { reason: "UpdateStarted", said: "Roll-out started" },
  UpdateComplete: { reason: "UpdateComplete", said: "Roll-out complete" },
  UpdateSuperseded: { reason: "UpdateSuperseded", said: "Roll-out given up for another" },
};

/** One that failed is told as a plan, and as what its node wants a person for. */
function rollOut({ conditions, plan }: NodeStatus): readonly NodeEvent[] {
  const update = conditionOf(conditions, "NodeUpdateInProgress");
  const told = update === null ? undefined : ROLL_OUT_NOTES[update.reason];
  if (update === null || told === undefined) return [];
  const { reason, said } = told;
  // Of a plan that is under way the plan itself says which images.
  const images = update.status === "True" ? plan?.message : update.message.replace(/^plan \S+: /, "");
  const note = images === undefined ? said : `${said}: ${images}`;
  const transition = `NodeUpdateInProgress/${reason}/${update.lastTransitionTime}`;
  return [{ type: "Normal", reason, action: "RollOut", note, transition }];
}

/** The Event of a deletion that begins, by what goes with the node, the data first. `at` is its `deletionTimestamp`. */
export function deletionEvent(
  owned: OwnedObjects,
  { uid, at, isOrphaning }: { readonly uid: string; readonly at: string; readonly isOrphaning: boolean },
): NodeEvent {
  const { claim, statefulSet, service, pod } = owned;
  const isOwn = claim !== null && claim.ownerUid === uid;
  const others = [
    ...(statefulSet === null ? [] : [`StatefulSet ${statefulSet.name}`]),
    ...(pod === null ? [] : [`Pod ${pod.name}`]),
    ...(service === null ? [] : [`Service ${service.name}`]),
  ];
  const named = claim === null ? [] : [`claim ${claim.name} with its data`];
  const event = { action: "TearDown", transition: `Deletion/${isOrphaning ? "Orphan" : "TearDown"}/${at}` };
  if (isOrphaning) {
    return { ...event, type: "Normal", reason: "LeftBehind", note: `Stays: ${listNames([...named, ...others])}` };
  }
  const stays = claim === null || isOwn ? "" : `. Stays: ${listNames(named)}, which the node does not own`;
  const goes = listNames([...(isOwn ? named : []), ...others]);
  return { ...event, type: isOwn ? "Warning" : "Normal", reason: "TearingDown", note: `Goes: ${goes}${stays}` };
}

function listNames(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

/** Whether what began then is told once more by another process. */
export function isRecent(at: string | undefined, ageMs: (at: string) => number): at is string {
  return at !== undefined && ageMs(at) < CATCH_UP_MS;
}

/** Every Event that status still tells of and that somebody may have failed to send, by the age of its stamp. */
export function recentEvents(
  status: NodeStatus,
  ageMs: (at: string) => number,
  readiness: Readiness,
): readonly NodeEvent[] {
  const isNew = (at: string | undefined): at is string => isRecent(at, ageMs);
  const { phase, phaseTransitionTime, readinessTransitions: story = [], history = [] } = status;
  const failing = conditionOf(status.conditions, "DetectorFailed");
  const unapplied = conditionOf(status.conditions, "SpecUnapplied");
  return [
    ...(phase !== undefined && isNew(phaseTransitionTime) ? [phaseChangeEvent(phase, phaseTransitionTime)] : []),
    ...history
      .filter(({ outcome, finishedAt }) => outcome === "Failed" && isNew(finishedAt))
      .map((record) => planFailureEvent(record)),
    ...(failing !== null && isNew(failing.lastTransitionTime) ? detectorFailureEvents(failing) : []),
    ...(unapplied !== null && isNew(unapplied.lastTransitionTime) ? unappliedSpecEvents(unapplied) : []),
    ...recentStates(status, isNew),
    ...story.flatMap(({ at }, index) => (isNew(at) ? readinessChangeEvent(story.slice(0, index + 1), readiness) : [])),
  ];
}

function recentStates(status: NodeStatus, isNew: (at: string | undefined) => boolean): readonly NodeEvent[] {
  const { conditions } = status;
  const since = (type: string): string | undefined => conditionOf(conditions, type)?.lastTransitionTime;
  const wanted = attentionOf(status);
  return [
    ...(wanted !== null && isNew(wanted.since) ? personWanted(wanted) : []),
    ...(isNew(since("Paused")) ? pauseEnded(status) : []),
    ...(isNew(since("NodeUpdateInProgress")) ? rollOut(status) : []),
  ];
}
