/** What the loop reports to telemetry. */
import type { Attention } from "./attention.ts";
import type { WaitingDrift } from "./detector.ts";
import type { SeiNode } from "./node.ts";
import type { StoredPlan, StoredTask } from "./plan.ts";

/** A drift as it was judged. */
export interface DriftReport {
  readonly detector: string;
  /** What is done about it: `observe` also where the detector acts and this process may not. */
  readonly mode: "act" | "observe";
  readonly reason: string;
  readonly message: string;
  /** Types of the tasks that would close it. */
  readonly tasks: readonly string[];
  /** Why no plan is made for it yet; null when nothing stands in the way. */
  readonly waits: WaitingDrift["why"] | null;
}

/** How a plan ended. */
export interface PlanEndReport {
  /** `complete`, `failed` or `superseded`. */
  readonly outcome: string;
  /** As in `status.outcomes`; empty when there is nothing to say. */
  readonly message: string;
  /** The drift that it was made for is gone. */
  readonly healed: boolean;
  readonly durationMs: number;
  /** Unix time in milliseconds before which its detector gets no further plan; null when nothing holds one back. */
  readonly nextTryAt: number | null;
}

/** Callbacks for telemetry. A room reports; it does not measure. */
export interface ReconcileReport {
  /** The verdict of one probe: `ready`, `not_ready`, `unreachable` or `probe_error`. Whoever gives the sidecar calls it. */
  probed(namespace: string, outcome: string, tookMs: number): void;
  drift(node: SeiNode, found: DriftReport): void;
  detectorFailed(node: SeiNode, detector: string, why: string): void;
  /** Its sidecar has not been known to be ready or not for longer than a Pod takes to come; told by every reconcile. */
  sidecarUnknown(node: SeiNode, reason: string, why: string): void;
  /** The three that follow are called when the API server has stored it, and not where it has not. */
  planStarted(node: SeiNode, plan: StoredPlan): void;
  planEnded(node: SeiNode, plan: StoredPlan, end: PlanEndReport): void;
  /** `lastedMs`: how long the phase was that is left; NaN where that is not known. */
  phaseChanged(node: SeiNode, change: { readonly from: string; readonly to: string; readonly lastedMs: number }): void;
  /** A step that has to wait, with the reason, and when it is tried again; told once per reason. */
  waiting(node: SeiNode, task: StoredTask, wait: { readonly why: string; readonly afterMs: number }): void;
  /** A node came to want a person (`now`), or for something else than before (`was`), or wants nobody any more (null). */
  attention(node: SeiNode, now: Attention | null, was: Attention | null): void;
  /** Something failed; the node is tried again after `afterMs`. */
  problem(node: SeiNode, what: string, afterMs: number): void;
}
