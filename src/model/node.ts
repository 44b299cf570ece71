/** The SeiNode as the loop sees it: identity, a spec it does not read, and the status it owns. */
import type { CONDITION_STATES, READINESS } from "./status-words.ts";
import type { JsonObject } from "../base/index.ts";
import type { Phase } from "./phase.ts";
import type { PlanRecord, StoredPlan } from "./plan.ts";

/** A Kubernetes condition. `lastTransitionTime` is RFC 3339 and moves only when `status` does. */
export interface Condition {
  readonly type: string;
  readonly status: (typeof CONDITION_STATES)[number];
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** What a detector says of a condition; the loop adds times and generation. */
export type ConditionVerdict = Pick<Condition, "type" | "status" | "reason" | "message">;

/** One known change of sidecar readiness, kept so that its Event is sent also after a crash. `at` is RFC 3339. */
export interface ReadinessTransition {
  readonly to: (typeof READINESS)[number];
  readonly at: string;
}

/** An image that was asked for, and what admission had stored instead. */
export interface Rewritten {
  readonly asked: string;
  readonly stored: string;
}

/** `status` of a SeiNode. Fields of the reference that we do not read are kept as they are. */
export interface NodeStatus {
  readonly phase?: Phase;
  readonly phaseTransitionTime?: string;
  readonly observedGeneration?: number;
  /** Image of `seid` as it was applied, once a Pod made from it was seen running; absent = never observed. */
  readonly currentImage?: string;
  /** The same of the sidecar; absent = never observed, which is no drift. */
  readonly currentSidecarImage?: string;
  readonly conditions?: readonly Condition[];
  /** Which of them a plugin's detector set, each as `detector/Type`. */
  readonly pluginConditions?: readonly string[];
  readonly plan?: StoredPlan | null;
  /** Finished plans, newest last, at most 10. It is written as lines of text, `status.outcomes`. */
  readonly history?: readonly PlanRecord[];
  /** The Pod that `observe-image` saw running `currentImage`, and its revision; earlier versions noted none. */
  readonly rolledOutPod?: { readonly name: string; readonly uid: string; readonly revision?: string };
  /** The Pod that a roll-out last deleted and when (RFC 3339), written before it was: one a minute at most. */
  readonly podDeletion?: { readonly uid: string; readonly at: string };
  /**
   * What the objects came to when they were last applied: the generation they were made from, and the digest of the
   * fields that were ours then. Absent on nodes that nobody of ours has applied yet.
   */
  readonly applied?: {
    readonly generation: number;
    readonly statefulSet?: string;
    readonly service?: string;
    /** Images of the template that admission rewrote as they were applied. */
    readonly rewritten?: { readonly seid?: Rewritten; readonly sidecar?: Rewritten };
  };
  /** The word that the last new start was asked for with. */
  readonly reinitialized?: string;
  /** Digests of the fields of the spec that only bringing the node up applies, as they were then, in one word. */
  readonly initDigest?: string;
  /** The volume that init completed on. */
  readonly dataVolume?: { readonly claimName: string; readonly uid: string };
  /**
   * The claim that a node is about to import: told before anything is made on it, and gone when it is `dataVolume`, or
   * another SeiNode's. Counts while a plan is Active. Null takes it out.
   */
  readonly reservedVolume?: { readonly claimName: string; readonly uid: string } | null;
  /** Last known changes of sidecar readiness, newest last, at most 2; an unknown probe adds none. */
  readonly readinessTransitions?: readonly ReadinessTransition[];
  readonly adoptedWorkflow?: { readonly name: string; readonly uid?: string; readonly adoptedAt?: string } | null;
  /** Null takes it out, where label sources choose nobody any more. */
  readonly resolvedPeers?: readonly string[] | null;
  readonly externalAddress?: string;
}

/** `metadata` as far as we use it. */
export interface NodeMetadata {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** Keeps a deleted SeiNode until what is its own is taken down. The reference's, so that either can let go. */
export const FINALIZER = "sei.io/seinode-finalizer";

/** The API server's, on an object that is deleted with `--cascade=orphan`, until nothing names it as its owner any more. */
const ORPHAN = "orphan";

/** True while a deleted node is to leave behind what is its own. */
export function isOrphaning({ metadata }: Pick<SeiNode, "metadata">): boolean {
  return metadata.finalizers?.includes(ORPHAN) === true;
}

/** A SeiNode. `spec` is read by the `seinode` room alone. */
export interface SeiNode {
  readonly metadata: NodeMetadata;
  readonly spec: JsonObject;
  readonly status: NodeStatus;
  /**
   * How the API server has `status.history`: `objects` = no lines of it yet, `both` = the objects of an earlier version stand
   * beside its lines. Absent = as lines alone.
   */
  readonly historyKept?: "objects" | "both";
  /** The spec is larger than any that is served: only its small fields are here. */
  readonly isCut?: true;
}

/** `namespace/name`: what the queue holds. */
export type NodeKey = string;

/** The key of a node. */
export function keyOf(metadata: Pick<NodeMetadata, "namespace" | "name">): NodeKey {
  return `${metadata.namespace}/${metadata.name}`;
}

/** The namespace in a key. */
export function namespaceOf(key: NodeKey): string {
  return key.slice(0, key.indexOf("/"));
}
