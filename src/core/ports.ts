/** What a pass needs from outside. Everything that can fail comes back as a value. */
import type {
  ClaimView,
  Drift,
  EventReason,
  InitFields,
  NodeKey,
  NodeStatus,
  Outcome,
  PassReport,
  SeiNode,
  SidecarHealth,
  SidecarView,
  SpecGap,
  SpecVerdict,
  Standing,
  Surroundings,
  TaskContext,
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
