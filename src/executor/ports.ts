/** What the tasks need from outside: a narrow slice of the API server, of what is stored, and of sidecars. */
import type {
  ClaimView,
  JobView,
  PodView,
  SeiNode,
  ServiceView,
  StatefulSetView,
  OwnedObjects,
} from "../model/index.ts";
import type { JsonObject, Permit } from "../base/index.ts";
import type { ImportedClaim, ImportedVolume, ImportWish, Rival } from "../seinode/read/index.ts";
import type { Sidecar, Submitted, TaskSubmission } from "../sidecar/index.ts";

/** What a request to the API server came to. */
export type Reply<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "notFound" }
  /** It exists already, or somebody changed it meanwhile. */
  | { readonly kind: "conflict"; readonly why: string }
  /** 403, 422: the same request would be refused again. */
  | { readonly kind: "refused"; readonly why: string }
  /** No answer, or one that asks for patience. */
  | { readonly kind: "failed"; readonly why: string };

/**
 * The objects a node owns, read live; replies enter the store like watch events. One that lacks the label of a node is
 * read all the same, with an empty `node`, and enters no store.
 */
export interface ObjectReads {
  claim(namespace: string, name: string): Promise<Reply<ClaimView>>;
  statefulSet(namespace: string, name: string): Promise<Reply<StatefulSetView>>;
  service(namespace: string, name: string): Promise<Reply<ServiceView>>;
  job(namespace: string, name: string): Promise<Reply<JobView>>;
  pod(namespace: string, name: string): Promise<Reply<PodView>>;
  /** Whether nobody edited an image of exactly this Pod in place; false also where that cannot be told. */
  hasImagesAsMade(pod: PodView): Promise<Reply<boolean>>;
}

/** The same objects, written; replies enter the store, too. */
export interface ObjectWrites {
  createClaim(object: JsonObject): Promise<Reply<ClaimView>>;
  /** Gives the claim of that UID the labels and owners of `object` again; nothing else of it is touched. */
  reclaim(object: JsonObject, uid: string): Promise<Reply<ClaimView>>;
  /** Gives the claim the labels and owners of `object`, if it is still the one of this UID and version; so do the next two. */
  adoptClaim(object: JsonObject, as: Precisely): Promise<Reply<ClaimView>>;
  adoptService(object: JsonObject, as: Precisely): Promise<Reply<ServiceView>>;
  adoptStatefulSet(object: JsonObject, as: Precisely): Promise<Reply<StatefulSetView>>;
  applyStatefulSet(object: JsonObject, force: boolean): Promise<Reply<StatefulSetView>>;
  /** Keeps the StatefulSet controller from replacing Pods of exactly this set. Changes no template. */
  setOnDelete(set: StatefulSetView): Promise<Reply<StatefulSetView>>;
  /** Gives up what the reference's field manager owns of exactly this set; fields that were its alone go. */
  releaseStatefulSet(set: StatefulSetView): Promise<Reply<StatefulSetView>>;
  applyService(object: JsonObject, force: boolean): Promise<Reply<ServiceView>>;
  /** As `releaseStatefulSet`. */
  releaseService(service: ServiceView): Promise<Reply<ServiceView>>;
  /** Deletes exactly this set, which is gone only after its Pods. */
  deleteStatefulSet(statefulSet: StatefulSetView): Promise<Reply<null>>;
  /** Deletes exactly this claim, which is gone only after its last user. */
  deleteClaim(claim: ClaimView): Promise<Reply<null>>;
  createService(object: JsonObject): Promise<Reply<ServiceView>>;
  /** Deletes exactly this Service. */
  deleteService(service: ServiceView): Promise<Reply<null>>;
  createJob(object: JsonObject): Promise<Reply<JobView>>;
  /** Deletes exactly this Job, which is gone only after its Pods. */
  deleteJob(job: JobView): Promise<Reply<null>>;
  /** Deletes exactly this Pod: the UID is a precondition. */
  deletePod(pod: PodView): Promise<Reply<null>>;
}

/** Everything that changes the world. Each request is permitted anew right before it is sent. */
export interface Effects {
  readonly objects: ObjectWrites;
  /** Hands a task to the sidecar of this Pod. */
  submit(
    to: { readonly node: SeiNode; readonly pod: PodView },
    task: TaskSubmission,
    signal: AbortSignal,
  ): Promise<Submitted>;
}

/** A sidecar as tasks see it: nothing is handed to it but by `Effects`. */
export type SidecarReads = Omit<Sidecar, "submit">;

/** An object as it was read, and in no later state. */
export interface Precisely {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The claim that a node imports: read, never written. */
export interface ImportPort {
  /** What the spec asks for; null when the node has a claim of its own. */
  wanted(node: SeiNode): ImportWish | null;
  /** The claim, read live. */
  claim(node: SeiNode): Promise<Reply<ImportedClaim>>;
  volume(name: string): Promise<Reply<ImportedVolume>>;
  /** Who else uses the claim and has more right to it; null when nobody does. */
  rival(node: SeiNode): Rival | null;
  /** Every SeiNode of the node's namespace, read live. */
  neighbours(node: SeiNode): Promise<Reply<readonly SeiNode[]>>;
  /** Who else uses this claim and has more right to it; null when nobody does. */
  userOf(node: SeiNode, claim: string): Rival | null;
}

/** The objects of a node as they should be. */
export interface ObjectRecipes {
  statefulSet(node: SeiNode): JsonObject;
  service(node: SeiNode): JsonObject;
  claim(node: SeiNode): JsonObject;
  /** Null when the spec asks for no bootstrap; so is the Service's. */
  bootstrapJob(node: SeiNode): JsonObject | null;
  bootstrapService(node: SeiNode): JsonObject | null;
}

/** Everything a task may read, and the one door to effects. */
export interface ExecutorPorts {
  readonly objects: ObjectReads;
  readonly recipes: ObjectRecipes;
  readonly imports: ImportPort;
  /** What is stored now, not what the reconcile began with. */
  owned(node: SeiNode): OwnedObjects;
  /** Every Pod that carries the node's label. */
  pods(node: SeiNode): readonly PodView[];
  /** The node's bootstrap Job as stored now. */
  bootstrapJob(node: SeiNode): JobView | null;
  sidecar(node: SeiNode, owned: OwnedObjects): SidecarReads | null;
  isPaused(node: SeiNode): boolean;
  /** Monotonic milliseconds. */
  mono(): number;
  /** Resolves after `ms`. */
  pause(ms: number): Promise<void>;
  /** What is stored of this very node now; null when it is gone. */
  newest(node: SeiNode): SeiNode | null;
  /** Reads the node live into the store; false when the API server could not be asked. */
  refresh(node: SeiNode): Promise<boolean>;
  /** For `confirmThen` alone: a test holds that nobody else asks for it. */
  effects(permit: Permit): Effects;
  /** True while effects on the node may start; asked right before each. */
  readonly mayAct: (node: SeiNode) => boolean;
}
