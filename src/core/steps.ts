/** What each step of a reconcile comes to: the next one takes it, or `rest` where the reconcile is over. */
import type { ClaimView, Obstacle, SeiNode } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";
import type { NodeMemory, Trigger } from "./node-memory.ts";

/** What a reconcile starts from. */
export interface Start {
  /** As stored when its turn came. */
  readonly node: SeiNode;
  readonly memory: NodeMemory;
  readonly signal: AbortSignal;
}

/** It may go on: its finalizer, its spec and its CRD are in order. */
export interface Begun {
  readonly kind: "begun";
  readonly context: ReconcileContext;
  readonly triggers: ReadonlySet<Trigger>;
}

/** The node could not be read, or is gone: nothing is known of it, and nothing is done. */
export interface Unread {
  readonly kind: "unread";
  readonly afterMs: number;
}

/** Where the node stands in its life, see `life.ts`. */
export type Life =
  /** The phase says it, or it is not for us to say. */
  | { readonly kind: "told" }
  /** None of the node's objects exist. */
  | { readonly kind: "new" }
  /** It was brought up, on this volume. */
  | { readonly kind: "up"; readonly volume: ClaimView }
  /** A person asked for a new start after the loss was told. */
  | { readonly kind: "restart" }
  /** A new start is under way, and nobody knows how far it came. */
  | { readonly kind: "halfway" }
  /** `word`: a request for a new start that is older than the loss, and therefore not heeded. */
  | { readonly kind: "stalled"; readonly obstacle: Obstacle; readonly word?: string }
  /** It could not be read. */
  | { readonly kind: "unread"; readonly why: string };

/** What was seen, and where the node stands in its life. */
export interface Observed {
  readonly kind: "observed";
  readonly context: ReconcileContext;
  readonly life: Life;
}

/** What is to be done stands in the draft; `obstacle` = what stands in the way of it. */
export interface Decided {
  readonly kind: "decided";
  readonly context: ReconcileContext;
  readonly obstacle: Obstacle | null;
}

/** What was decided is stored. */
export interface Persisted {
  readonly kind: "persisted";
  readonly context: ReconcileContext;
  readonly obstacle: Obstacle | null;
  /** Plan that this reconcile made: nobody can have tried its tasks before. */
  readonly madePlan: string | null;
}

/** What was decided is under way, or done; `quiet` = there was nothing to do. */
export interface Acted {
  readonly kind: "acted" | "quiet";
  readonly context: ReconcileContext;
}

/** The reconcile ends early; only `context.next` says when the next one comes. */
export interface Ended {
  readonly kind: "ended";
  readonly context: ReconcileContext;
}

/** The next task needs a live read first: it was not begun, and the reconcile starts anew. */
export interface LiveReadDue {
  readonly kind: "liveReadDue";
  readonly context: ReconcileContext;
}

/** A write went through, or there was nothing to write. */
export interface Committed {
  readonly kind: "committed";
  readonly context: ReconcileContext;
}

/** Nothing may be written, and nothing was. */
export interface Forbidden {
  readonly kind: "forbidden";
  readonly context: ReconcileContext;
}

/** What a write came to. */
export type Written = Committed | Forbidden | Ended;
