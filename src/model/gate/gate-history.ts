/**
 * What the list of a sidecar's tasks tells of its gate. It fails closed: what it does not prove is `unknown`, and that opens
 * nothing. The sidecar lists its newest hundred tasks and never prunes its store, so a gate task can be out of sight.
 */
import type { GateHistory, SidecarTask } from "../index.ts";
import { compareMoments, latestOf, type Moment, momentOf } from "./moments.ts";

/** The most tasks that a sidecar lists. */
const FULL = 100;

const SHUT: GateHistory = { kind: "shutOnPurpose" };

/**
 * Whether the gate of a sidecar with these tasks was shut on purpose: by a `mark-not-ready` of whatever outcome that no
 * completed `mark-ready` came after. Times are compared with one another alone, so nobody's clock matters.
 */
export function gateHistory(tasks: readonly SidecarTask[]): GateHistory {
  const openings = tasks.filter(({ type }) => type === "mark-ready");
  const shuttings = tasks.filter(({ type }) => type === "mark-not-ready");
  if (openings.length === 0 && shuttings.length > 0) return SHUT;
  const gate = [...openings, ...shuttings];
  if (gate.some(({ submittedAt }) => momentOf(submittedAt) === null))
    return unknown("a gate task has no readable time");
  if (new Set(gate.map(({ id }) => id.toLowerCase())).size < gate.length) return unknown("two gate tasks have one id");
  const opened = latestOf(momentsOf(openings.filter(({ status }) => status === "completed")));
  const shut = latestOf(momentsOf(shuttings));
  if (shut === null) return unseen(tasks, opened);
  if (opened === null || compareMoments(opened, shut) < 0) return SHUT;
  if (compareMoments(opened, shut) > 0) return { kind: "mayOpen" };
  return unknown("mark-ready and mark-not-ready were submitted at the same moment");
}

/** Nobody is seen to have shut it; where the list is full, only a gate that was opened since is known not to have been. */
function unseen(tasks: readonly SidecarTask[], opened: Moment | null): GateHistory {
  if (tasks.length < FULL || opened !== null) return { kind: "mayOpen" };
  return unknown(`the list of tasks is full (${FULL}), and no mark-ready that completed is among them`);
}

function unknown(why: string): GateHistory {
  return { kind: "unknown", why };
}

function momentsOf(tasks: readonly SidecarTask[]): readonly Moment[] {
  return tasks.flatMap(({ submittedAt }) => momentOf(submittedAt) ?? []);
}
