/**
 * What a reconcile needs from outside, in five ports. Each has one adapter in `src/controller`. Everything that can fail
 * comes back as a value.
 */
import type {
  ClaimView,
  Drift,
  EventReason,
  InitFields,
  NodeKey,
  NodeStatus,
  Outcome,
  OwnedObjects,
  SeiNode,
  SidecarHealth,
  SidecarView,
  SpecGap,
  SpecVerdict,
  Standing,
  TaskContext,
  TaskTraits,
  Trouble,
} from "../model/index.ts";
import type { JsonObject } from "../base/index.ts";

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

/** An Event to be sent after the commit. `transition` makes its name: a repeat after a crash has the same. */
export interface NodeEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: EventReason;
  readonly action: string;
  readonly note: string;
  readonly transition: string;
}

/** Where a sidecar is: what to dial, or over the API server the name of its Pod. */
export interface SidecarAddress {
  readonly host: string;
  readonly port: number;
}

/** What is stored, and what is read live where that is not enough. */
export interface Reader {
  /** The newest known state; null when there is no such node. */
  node(key: NodeKey): SeiNode | null;
  /** The objects of the node as stored now. */
  owned(node: SeiNode): OwnedObjects;
  /** Reads the node live into the store; false when the API server could not be asked. */
  refresh(key: NodeKey): Promise<boolean>;
  /** The same for the node and its objects. */
  refreshOwned(key: NodeKey): Promise<boolean>;
  /** The claim of that name, read live, with an empty `node` where it has no label; null = gone, undefined = not known. */
  claim(node: SeiNode, name: string): Promise<ClaimView | null | undefined>;
  /** Reads what stands of a node, whoever owns it; null when the API server could not be asked for all of it. */
  standing(node: SeiNode): Promise<Standing | null>;
  /** What keeps the node's Pod from running, or from coming, as far as is known by now; null when nothing is. */
  trouble(node: SeiNode, owned: OwnedObjects): Trouble | null;
  /** Resources whose watch tells nothing, though it should: what is seen of them may be old. */
  silent(): readonly string[];
  /** Another number after every change among the nodes that `Facts.derivedStatus` may follow from. */
  peersVersion(): number;
}

/** Everything that changes something. */
export interface Writer {
  patchStatus(node: SeiNode, status: JsonObject): Promise<PatchReply>;
  /** Writes the finalizers of a node, and nothing else of it. */
  setFinalizers(node: SeiNode, finalizers: readonly string[]): Promise<PatchReply>;
  /** Tries one task of a stored plan. */
  execute(context: TaskContext): Promise<Outcome>;
  /** Applies the StatefulSet outside of any plan: a pause and its end are carried out so. `done` brings status. */
  applyStatefulSet(node: SeiNode): Promise<Outcome>;
  /** Makes what nobody owns of it the node's own: exactly these objects, and of them owner and labels alone. */
  adopt(node: SeiNode, standing: Standing): Promise<Outcome>;
  /** Deletes what is the node's own; `done` when all of it is gone. */
  tearDown(node: SeiNode): Promise<Outcome>;
  /** Sends an Event in its own time. */
  send(node: SeiNode, event: NodeEvent): void;
}

/** The sidecars, asked and never told anything. */
export interface Sidecars {
  /** The sidecar of the Pod, probed with this deadline; null when there is none to ask. */
  view(node: SeiNode, owned: OwnedObjects, deadlineMs: number): SidecarView | null;
  /** Where the sidecar of the Pod is asked between reconciles; null when there is none to ask. */
  address(node: SeiNode, owned: OwnedObjects): SidecarAddress | null;
  /** Asks it between reconciles whether the gate is open. Never rejects. */
  probe(
    where: { readonly namespace: string; readonly address: SidecarAddress },
    limits: { readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<SidecarHealth>;
}

/** What follows from a node's spec, and what is declared of tasks. Pure. */
export interface Facts {
  accepts(node: SeiNode): SpecVerdict;
  /** The plan that brings a new node up. */
  initPlan(node: SeiNode): Drift;
  /** The spec where only bringing the node up applies it; null while it cannot be read whole. */
  initFields(node: SeiNode): InitFields | null;
  /** In what that which runs is not what the spec asks for; null = in nothing that is known. */
  specGap(node: SeiNode, owned: OwnedObjects): SpecGap | null;
  /** What else is to be told of the node, though nothing is done about it; empty when there is nothing. */
  remark(node: SeiNode, owned: OwnedObjects): string;
  /** Status that follows from other nodes, such as peers that are chosen by label. */
  derivedStatus(node: SeiNode): Partial<NodeStatus>;
  /** True where each reconcile reads what no watch tells of. */
  readsAnew(node: SeiNode): boolean;
  /** What tasks of this type declare; of a type that nobody knows, the worst. */
  task(type: string): TaskTraits;
}

/** What may be done now. Synchronous: asked right before each write and each effect. */
export interface Policy {
  /** True while the node's status may be written: its Lease is ours, or none is needed. */
  mayWrite(node: SeiNode): boolean;
  /** True while effects on the node may start: `mayWrite`, and the mode is `act`. */
  mayAct(node: SeiNode): boolean;
  /**
   * Takes one of the places that a plan of this budget needs, or has it already; false while all are taken.
   * A place is free again when the plan has healed, or was never stored.
   */
  admit(node: SeiNode, budget: string): boolean;
}

/** The five, as the loop is given them. */
export interface Ports {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly sidecars: Sidecars;
  readonly facts: Facts;
  readonly policy: Policy;
}
