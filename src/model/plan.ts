/**
 * Plans: how a drift is closed, step by step, across restarts.
 *
 * A detector gives a `Drift` (no identity); the loop stamps it into a `StoredPlan`; the executor runs
 * the tasks in order; a finished plan becomes a `PlanRecord`. Source: docs/design/0001-the-loop.md.
 */
import type { OUTCOMES, PLAN_PHASES, TASK_STATES } from "./status-words.ts";
import type { JsonObject } from "../base/index.ts";
import type { Phase } from "./phase.ts";

/** Which life of the sidecar a plan was made for: another one makes the plan void. */
export interface Incarnation {
  readonly podUid: string;
  /** Its first twelve digits are enough beside the Pod; empty = not told yet. */
  readonly containerId: string;
  readonly restartCount: number;
}

/** One step of a drift, before it has an id. */
export interface TaskSpec {
  readonly type: string;
  readonly params: JsonObject;
  /** How often it is tried again after it ran and failed; absent = never. */
  readonly maxRetries?: number;
}

/** What a detector returns: a gap and the steps that close it. */
export interface Drift {
  /** CamelCase, from the closed set of the detector. */
  readonly reason: string;
  /** One sentence for people; no times, ports or addresses. */
  readonly message: string;
  readonly tasks: readonly TaskSpec[];
  /** Spec fields this plan is made from, by dotted path: when one changes, the plan is superseded. */
  readonly madeFrom?: JsonObject;
  /** The sidecar life this plan is bound to; absent for plans that outlive a Pod. */
  readonly incarnation?: Incarnation;
  readonly targetPhase?: Phase;
  readonly failedPhase?: Phase;
  /**
   * Name of a budget of the whole fleet that this plan needs a place in, since it takes the node down for a while.
   * Without a free place the drift waits, and the detectors after it are asked.
   */
  readonly budget?: string;
}

/** State of a step. `Running` = submitted to a sidecar and polled. */
export type TaskState = (typeof TASK_STATES)[number];

/** A step of a stored plan. `id` is UUIDv5 of `planId/type/index`. Times are RFC 3339. */
export interface StoredTask {
  readonly type: string;
  readonly id: string;
  readonly status: TaskState;
  readonly params: JsonObject;
  /** When this try began; in the future while a failed task waits for its next try. */
  readonly startedAt?: string;
  readonly submittedAt?: string;
  /** Why the last try failed. */
  readonly error?: string;
  readonly maxRetries?: number;
  readonly retryCount?: number;
}

/** A plan as it stands in `status.plan`. */
export interface StoredPlan {
  /** UUIDv4, fresh for every plan: sidecars remember task ids across Pods. */
  readonly id: string;
  readonly phase: (typeof PLAN_PHASES)[number];
  readonly tasks: readonly StoredTask[];
  readonly targetPhase?: Phase;
  readonly failedPhase?: Phase;
  readonly failedTaskIndex?: number;
  readonly failedTaskDetail?: {
    readonly type: string;
    readonly id: string;
    readonly error: string;
    readonly retryCount: number;
    readonly maxRetries: number;
  };
  /** Name of the detector that asked for it; `init` for the plan that brings a node up. Absent on the reference's plans. */
  readonly detector?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly createdAt?: string;
  /** Generation of the spec when it was made. */
  readonly generation?: number;
  readonly madeFrom?: JsonObject;
  readonly incarnation?: Incarnation;
  readonly budget?: string;
}

/** How a plan ended. */
export type PlanOutcome = (typeof OUTCOMES)[number];

/** One line of `status.outcomes`. */
export interface PlanRecord {
  /** The first eight characters of the plan's. Records of earlier versions have all of it. */
  readonly id: string;
  readonly detector: string;
  readonly reason: string;
  readonly outcome: PlanOutcome;
  /** True when the detector, asked again at the end, saw no drift any more. */
  readonly healed: boolean;
  /** One short line; all of it is in the Event. */
  readonly message?: string;
  readonly createdAt: string;
  readonly finishedAt: string;
  /** Generation of the spec when it was made. */
  readonly generation?: number;
  /** The sidecar life whose gate it opened; the newest one alone is kept. */
  readonly incarnation?: Incarnation;
  readonly budget?: string;
}
