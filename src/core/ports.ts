/** What a pass needs from outside. Everything that can fail comes back as a value. */
import type { Attention } from "./attention.ts";
import type { SidecarHealth, SidecarView, Surroundings, WaitingDrift } from "./detector.ts";
import type { JsonObject } from "./json.ts";
import type { NodeKey, NodeStatus, SeiNode } from "./node.ts";
import type { Drift, Outcome, StoredPlan, StoredTask } from "./plan.ts";
import type { EventReason } from "./reasons.ts";
import type { Obstacle } from "./verdicts.ts";
import type { ClaimView, JobView, PodView, ServiceView, StatefulSetView, Trouble } from "./views.ts";

/** What a status patch came to. */
export type PatchReply =
  | { readonly kind: "stored"; readonly node: SeiNode; readonly status: JsonObject }
  /** Somebody else wrote first; the newest state is in the store. */
  | { readonly kind: "conflict" }
  /** The node is gone. */
  | { readonly kind: "gone" }
  /** Whether it was stored is not known: nothing may be done before the node was read again. */
  | { readonly kind: "lost"; readonly why: string }
  /** Refused: it was not stored. */
  | { readonly kind: "refused"; readonly why: string };

/** What a task is given besides itself. */
export interface TaskContext {
  readonly node: SeiNode;
  readonly plan: StoredPlan;
  readonly index: number;
  readonly task: StoredTask;
  /** True when the plan was made in this very pass and the task was not tried yet, so nobody can have sent it before. */
  readonly fresh: boolean;
  /** Milliseconds since the task was first tried. */
  readonly sinceStartMs: number;
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** An Event to be sent after the commit. `transition` makes its name: a repeat after a crash has the same. */
export interface NodeEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  readonly action: string;
  readonly note: string;
  readonly transition: string;
}

/** Whether a node may be worked on, as its spec says. */
export type SpecVerdict =
  /** `withheld`: why nothing of the spec may be applied, though the gate is still looked after. */
  | { readonly kind: "accepted"; readonly paused: boolean; readonly withheld?: Obstacle }
  | { readonly kind: "refused"; readonly reason: "InvalidSpec" | "UnsupportedSpec"; readonly message: string };

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
export interface PassReport {
  /** The verdict of one probe: `ready`, `not_ready`, `unreachable` or `probe_error`. Whoever gives the sidecar calls it. */
  probed(namespace: string, outcome: string, tookMs: number): void;
  drift(node: SeiNode, found: DriftReport): void;
  detectorFailed(node: SeiNode, detector: string, why: string): void;
  /** Its sidecar has not been known to be ready or not for longer than a Pod takes to come; told by every pass. */
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

/** Where a sidecar is: what to dial, or over the API server the name of its Pod. */
export interface SidecarAddress {
  readonly host: string;
  readonly port: number;
}

/** What bears the names of a node's objects, read live, whoever owns it; the claim is the one that its spec names. */
export interface Standing {
  readonly claim: ClaimView | null;
  /** The claim is imported: it has no owner, or another. */
  readonly isImported: boolean;
  readonly statefulSet: StatefulSetView | null;
  readonly service: ServiceView | null;
  readonly job: JobView | null;
  readonly pod: PodView | null;
  /** Who else uses the claim, as `Pod a-0`; null when nobody does. */
  readonly user: string | null;
}

/** In what that which runs is not what the spec asks for. */
export interface SpecGap {
  /** `image`: the node has to be rolled; `template`: its objects, or the Pod below them, are older than the spec. */
  readonly of: "image" | "template";
  /** One line for people. */
  readonly message: string;
}

/** The part of a spec that only bringing the node up applies. */
export interface InitFields {
  /** Short, one word; a part a field. */
  readonly digest: string;
  /** Fields that are not as `status.initDigest` has them, by path, such as `spec.peers`. */
  readonly changed: readonly string[];
}

/** The world as one pass sees it. */
export interface PassPorts {
  /** The newest known state; null when there is no such node. */
  node(key: NodeKey): SeiNode | null;
  /** Reads the node live into the store; false when the API server could not be asked. */
  refresh(key: NodeKey): Promise<boolean>;
  /** The same for the node and what stands around it. */
  refreshAround(key: NodeKey): Promise<boolean>;
  surroundings(node: SeiNode): Surroundings;
  /** What else is to be told of the node, though nothing is done about it; empty when there is nothing. */
  remark(node: SeiNode, around: Surroundings): string;
  /** What keeps the node's Pod from running, or from coming, as far as is known by now; null when nothing is. */
  trouble(node: SeiNode, around: Surroundings): Trouble | null;
  /** In what that which runs is not what the spec asks for; null = in nothing that is known. */
  specGap(node: SeiNode, around: Surroundings): SpecGap | null;
  /** The spec where only bringing the node up applies it; null while it cannot be read whole. */
  initFields(node: SeiNode): InitFields | null;
  /** The claim of that name, read live, with an empty `node` where it has no label; null = gone, undefined = not known. */
  claimOf(node: SeiNode, name: string): Promise<ClaimView | null | undefined>;
  /** Resources whose watch tells nothing, though it should: what is seen of them may be old. */
  silent(): readonly string[];
  /** Reads what stands of a node; null when the API server could not be asked for all of it. */
  standing(node: SeiNode): Promise<Standing | null>;
  /** Makes what nobody owns of it the node's own: exactly these objects, and of them owner and labels alone. */
  adopt(node: SeiNode, standing: Standing): Promise<Outcome>;
  /** The sidecar of the Pod, probed with this deadline; null when there is none to ask. */
  sidecar(node: SeiNode, around: Surroundings, deadlineMs: number): SidecarView | null;
  /** Where the sidecar of the Pod is asked outside of passes; null when there is none to ask. */
  address(node: SeiNode, around: Surroundings): SidecarAddress | null;
  /** Asks it outside of a pass whether the gate is open. Never rejects. */
  ask(
    where: { readonly namespace: string; readonly address: SidecarAddress },
    limits: { readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<SidecarHealth>;
  accepts(node: SeiNode): SpecVerdict;
  /** The plan that brings a new node up. */
  initPlan(node: SeiNode): Drift;
  taskLimitMs(type: string): number;
  patchStatus(node: SeiNode, status: JsonObject): Promise<PatchReply>;
  execute(context: TaskContext): Promise<Outcome>;
  /** Writes the finalizers of a node, and nothing else of it. */
  setFinalizers(node: SeiNode, finalizers: readonly string[]): Promise<PatchReply>;
  /** Applies the StatefulSet outside of any plan: a pause and its end are carried out so. `done` brings status. */
  applyStatefulSet(node: SeiNode): Promise<Outcome>;
  /** Deletes what is the node's own; `done` when all of it is gone. */
  tearDown(node: SeiNode): Promise<Outcome>;
  /** Status that follows from other nodes, such as peers that are chosen by label. */
  derivedStatus(node: SeiNode): Partial<NodeStatus>;
  /** Another number after every change among the nodes that `derivedStatus` may follow from. */
  peersVersion(): number;
  /** True where passes read what no watch tells of. */
  readsAnew(node: SeiNode): boolean;
  /**
   * Takes one of the places that a plan of this budget needs, or has it already; false while all are taken.
   * A place is free again when the plan has healed, or was never stored.
   */
  admit(node: SeiNode, budget: string): boolean;
  send(node: SeiNode, event: NodeEvent): void;
  /** True while the node's status may be written: its Lease is ours, or none is needed. Asked right before each write. */
  mayWrite(node: SeiNode): boolean;
  /** True while effects on the node may start: `mayWrite`, and the mode is `act`. Asked right before each effect. */
  mayAct(node: SeiNode): boolean;
  readonly report: PassReport;
}

/** Fields of status that a pass may set. */
export type StatusFields = Partial<NodeStatus>;
