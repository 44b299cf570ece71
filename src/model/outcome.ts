/** What one try of one step of a plan came to. */
import type { ConditionVerdict, NodeStatus } from "./node.ts";
import type { Incarnation } from "./plan.ts";

/** What a step came to; `condition` is what it found, and is set with it. */
export type Outcome = PlainOutcome & { readonly condition?: ConditionVerdict };

type PlainOutcome =
  /** `status` is merged into the node's status; `incarnation` is the sidecar life whose gate was opened. */
  | { readonly kind: "done"; readonly status?: Partial<NodeStatus>; readonly incarnation?: Incarnation }
  /** Handed to the sidecar; ask again after `afterMs`. */
  | { readonly kind: "submitted"; readonly afterMs: number }
  /** Not yet; nothing was changed, or only what may be changed again. `status` as of `done`. */
  | {
      readonly kind: "again";
      readonly afterMs: number;
      readonly why: string;
      readonly status?: Partial<NodeStatus>;
      /** The API server gave no answer that tells anything. */
      readonly isUnanswered?: true;
      /** Whoever was given the work is seen at it. */
      readonly isUnderWay?: true;
      /** It goes on when the node's Pod runs; where something is known to keep that Pod from it, that is what is told. */
      readonly awaitsPod?: true;
      /** `why` is what keeps the Pod from running. */
      readonly isTrouble?: true;
    }
  | { readonly kind: "failed"; readonly code: string; readonly why: string; readonly status?: Partial<NodeStatus> }
  /** The ground the plan stood on is gone. */
  | { readonly kind: "superseded"; readonly why: string };
