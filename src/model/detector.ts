/** The one contract of drift detectors, ours and anyone's. Source: docs/design/0002-detectors.md. */
import type { JsonObject } from "../base/index.ts";
import type { ConditionVerdict, SeiNode } from "./node.ts";
import type { Drift, Incarnation } from "./plan.ts";
import type { ClaimView, PodView, ServiceView, StatefulSetView } from "./views.ts";

/** What the tasks of a sidecar tell of its gate; nothing but `mayOpen` lets a shut one be opened. */
export type GateHistory =
  | { readonly kind: "mayOpen" }
  /** Its newest gate task shut it. */
  | { readonly kind: "shutOnPurpose" }
  /** `why` names what cannot be told, in words that stay the same. */
  | { readonly kind: "unknown"; readonly why: string };

/** What one probe of the sidecar came to. `unreachable` and `probeError` are no evidence of drift. */
export type SidecarHealth =
  | { readonly state: "ready" }
  /** Its own 503, at an address where its tasks were read too. */
  | { readonly state: "notReady"; readonly history: GateHistory }
  | { readonly state: "unreachable"; readonly cause: string }
  | { readonly state: "probeError"; readonly cause: string };

/** A task as the sidecar tells it. `submittedAt` is RFC 3339. */
export interface SidecarTask {
  readonly id: string;
  readonly type: string;
  readonly status: "running" | "completed" | "failed";
  readonly error: string | null;
  readonly submittedAt: string | null;
}

/** The sidecar of one node, for reading only. Every call has a deadline of its own. */
export interface SidecarView {
  /** Behind a 503 the tasks are asked for as well: without them nobody knows whose 503 it is. */
  health(signal: AbortSignal): Promise<SidecarHealth>;
  /** Newest first, as many as it lists (100 at most); null when they could not be read. */
  tasks(signal: AbortSignal): Promise<readonly SidecarTask[] | null>;
}

/** The objects around the node as last seen; nothing here asks the API server. */
export interface OwnedObjects {
  /** The node's Pod if there is one that belongs to its StatefulSet, or to its bootstrap Job while there is no set; terminating ones included. */
  readonly pod: PodView | null;
  readonly statefulSet: StatefulSetView | null;
  /** The node's headless Service. */
  readonly service: ServiceView | null;
  /** The data volume's claim. */
  readonly claim: ClaimView | null;
  /** Image that the node's sidecar is to run: its spec's, else the platform's. Null while the spec cannot be read. */
  readonly sidecarImage: string | null;
}

/** What `observe` is given. Read-only: nothing here can change the cluster. */
export interface ObserveInput {
  readonly node: SeiNode;
  readonly owned: OwnedObjects;
  /** The sidecar of `owned.pod`; null while there is no Pod that could answer. */
  readonly sidecar: SidecarView | null;
  /** Aborts at the detector's deadline. */
  readonly signal: AbortSignal;
}

/** What `detect` and `conditions` are given: frozen data, no ports. */
export interface DetectInput<Observed> {
  readonly node: SeiNode;
  readonly owned: OwnedObjects;
  /** The newest observation; null when `observe` is absent, saw nothing, or failed. */
  readonly observed: Observed | null;
  /** Unix time in milliseconds. */
  readonly now: number;
  /** Drifts that detectors further up saw and that have to wait, in order; none unless given. */
  readonly waiting?: readonly WaitingDrift[];
}

/** A drift that may not become a plan yet. */
export interface WaitingDrift {
  readonly detector: string;
  /** Earlier plans for it came to nothing; or its budget has no place; or what it rests on was not seen just now; or nothing of
   * this spec may be applied. */
  readonly why: "backOff" | "place" | "observation" | "spec";
}

/** A condition a detector sets. `quiet` = its ordinary value, not worth a node's first write. */
export interface DetectorCondition extends ConditionVerdict {
  readonly quiet?: boolean;
  /** `low`: while many nodes change at once, what stands of it may stand a little longer. Of a built-in alone. */
  readonly urgency?: "low";
}

/** One API permission a detector needs, as in a ClusterRole rule. */
export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A drift detector: observes (`observe`), then judges (`detect`). */
export interface Detector<Observed = JsonObject> {
  /** DNS label; it shows up in logs, conditions, metrics and `status.outcomes`. */
  readonly name: string;
  /** Milliseconds between two observations when no event asks for one. Default: the probe interval. */
  readonly everyMs?: number;
  /** The only I/O. Null = nothing to observe. Absent = this detector judges what is stored alone. */
  observe?(input: ObserveInput): Promise<Observed | null>;
  /** What was seen, as conditions; called also when the node is paused, held or mid-plan. */
  conditions?(input: DetectInput<Observed>): readonly DetectorCondition[];
  /** Pure and synchronous. Null = no drift. Called only for a Running node without an Active plan. */
  detect(input: DetectInput<Observed>): Drift | null;
  readonly rbac?: readonly RbacRule[];
  /** Types of the conditions that it sets; nobody else may set those of ours. */
  readonly conditionTypes?: readonly string[];
  /** What its reasons mean, of drifts and of conditions, a sentence each; docs/reference.md lists those of ours. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** Type of its condition that says whether the node's gate is open: the node is Ready by it. Of a built-in alone. */
  readonly readiness?: string;
  /** Type of its condition that keeps a node from being Ready, and that nothing is done about. Of a built-in alone. */
  readonly leavesAlone?: string;
}

export type { Incarnation };
