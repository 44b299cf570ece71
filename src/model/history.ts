/**
 * What past plans say about the next one: status is the only memory, so a restart forgets no back-off.
 */
import { backOffMs, jitter } from "../base/index.ts";
import { shortId, shortMessage } from "./outcome-line.ts";
import type { Incarnation, PlanOutcome, PlanRecord, StoredPlan } from "./plan.ts";

/** Finished plans kept in status. */
export const KEPT = 10;
/** After a gate was opened, the sidecar gets this long to say so before it is asked again. */
export const GRACE_MS = 10_000;
const BACKOFF_FIRST_MS = 10_000;
const BACKOFF_CAP_MS = 300_000;
const SUPERSEDED_FIRST_MS = 250;

/** How a plan ended, as the loop knows it. */
export interface Ending {
  readonly outcome: PlanOutcome;
  readonly healed: boolean;
  readonly message?: string;
  readonly at: string;
  /** The sidecar life whose gate the plan opened, if it opened one. */
  readonly incarnation?: Incarnation;
}

/** The history with one more plan at its end, as it comes back from status. */
export function withRecord(history: readonly PlanRecord[], plan: StoredPlan, ending: Ending): readonly PlanRecord[] {
  const message = shortMessage(ending.message ?? "");
  const record: PlanRecord = {
    id: shortId(plan.id),
    detector: plan.detector ?? "unknown",
    reason: plan.reason ?? "Unknown",
    outcome: ending.outcome,
    healed: ending.healed,
    createdAt: plan.createdAt ?? ending.at,
    finishedAt: ending.at,
    ...(message === "" ? {} : { message }),
    ...(ending.incarnation === undefined ? {} : { incarnation: ending.incarnation }),
    ...(plan.generation === undefined ? {} : { generation: plan.generation }),
    ...(plan.budget === undefined ? {} : { budget: plan.budget }),
  };
  return withoutOldLives([...history, record].slice(-KEPT), Date.parse(ending.at));
}

/** A life is long, and only the newest one is asked for again, or one whose gate is still trusted to open. */
function withoutOldLives(history: readonly PlanRecord[], now: number): readonly PlanRecord[] {
  const lives = new Set<string>();
  const kept = history.toReversed().map((record) => {
    const { incarnation, ...rest } = record;
    if (incarnation === undefined) return record;
    const isWanted = lives.size === 0 || now - Date.parse(record.finishedAt) < GRACE_MS;
    if (!isWanted || lives.has(record.detector)) return rest;
    lives.add(record.detector);
    return record;
  });
  return kept.toReversed();
}

/**
 * Unix time in milliseconds before which a detector gets no further plan; 0 when it may have one now.
 *
 * Each plan in a row that ended without healing doubles the wait; a healing one resets it. The jitter comes
 * from the plan's id, so that every replica and every restart computes the same moment. Plans that were made from
 * another `generation` of the spec do not count: what somebody corrected is no repeat. One that was superseded is no
 * failure, as by a Pod that is replaced once more; from the second in a row on they back off too, by little at first.
 */
export function heldBackUntil(history: readonly PlanRecord[], detector: string, generation: number): number {
  const superseded = unhealed(history, detector, generation).filter(({ outcome }) => outcome === "Superseded");
  const failed = plansInVain(history, detector, generation);
  const free = superseded.length < 2;
  return Math.max(untilAfter(failed, BACKOFF_FIRST_MS), free ? 0 : untilAfter(superseded, SUPERSEDED_FIRST_MS));
}

/** Plans of a detector that came to nothing since the last one that healed, newest first. */
export function plansInVain(
  history: readonly PlanRecord[],
  detector: string,
  generation: number,
): readonly PlanRecord[] {
  return unhealed(history, detector, generation).filter(({ outcome }) => outcome !== "Superseded");
}

function unhealed(history: readonly PlanRecord[], detector: string, generation: number): readonly PlanRecord[] {
  const own = history.toReversed().filter((record) => record.detector === detector);
  const healing = own.findIndex(({ healed }) => healed);
  const since = healing === -1 ? own : own.slice(0, healing);
  return since.filter((record) => (record.generation ?? generation) === generation);
}

/** The end of the wait after records in a row, newest first. */
function untilAfter(records: readonly PlanRecord[], firstMs: number): number {
  const [last] = records;
  if (last === undefined) return 0;
  const wait = backOffMs({ firstMs, capMs: BACKOFF_CAP_MS }, records.length);
  return Date.parse(last.finishedAt) + jitter(wait, numberOf(last.id), { from: 1, to: 0.9 });
}

/** Milliseconds from `now` to `until`, 0 when it is past; 0 also when it is further off than any wait: the clock was set back. */
export function waitMs(until: number, now: number): number {
  const ms = until - now;
  return ms > 0 && ms <= BACKOFF_CAP_MS ? ms : 0;
}

/** Unix time in milliseconds until which the gate just opened is trusted to open; 0 for another life of the sidecar. */
export function graceUntil(history: readonly PlanRecord[], incarnation: Incarnation | undefined): number {
  if (incarnation === undefined) return 0;
  const opened = history.findLast((record) => isSameLife(record.incarnation, incarnation));
  return opened === undefined ? 0 : Date.parse(opened.finishedAt) + GRACE_MS;
}

/**
 * True when both name the same life of the same sidecar. A container id that was not reported yet (empty) stands
 * for any: a sidecar answers before the kubelet has told so.
 */
export function isSameLife(a: Incarnation | undefined, b: Incarnation | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.podUid === b.podUid && isSameContainer(a.containerId, b.containerId) && a.restartCount === b.restartCount;
}

/** The first 32 bits of an id. */
function numberOf(id: string): number {
  const value = Number.parseInt(id.slice(0, 8), 16);
  return Number.isNaN(value) ? 0 : value;
}

function isSameContainer(a: string, b: string): boolean {
  return a === "" || b === "" || shortContainerId(a) === shortContainerId(b);
}

/** A container's id as people write it: without its runtime, twelve digits. Every byte of status is paid for by the API server. */
export function shortContainerId(id: string): string {
  return id.slice(id.indexOf("://") < 0 ? 0 : id.indexOf("://") + 3).slice(0, 12);
}
