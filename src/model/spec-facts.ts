/** What the loop is told of a spec, which it does not read itself. */
import type { ConditionReason } from "./reasons.ts";

/** Whether a node may be worked on, as its spec says. */
export type SpecVerdict =
  /** `withheld`: why nothing of the spec may be applied, though the gate is still looked after. */
  | { readonly kind: "accepted"; readonly paused: boolean; readonly withheld?: Obstacle }
  | { readonly kind: "refused"; readonly reason: "InvalidSpec" | "UnsupportedSpec"; readonly message: string };

/** In what that which runs is not what the spec asks for. */
export interface SpecGap {
  /** `rollOut`: the node has to be rolled; `template`: its objects, or the Pod below them, are older than the spec. */
  readonly of: "rollOut" | "template";
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

/** What stops a node until a person acts; null when nothing does. */
export interface Obstacle {
  readonly reason: ConditionReason;
  readonly message: string;
}
