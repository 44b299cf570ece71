/** What can be seen to have happened. A step of the script shows some kinds and leaves others out. */
export type FactKind =
  | "created"
  | "image"
  | "pod"
  | "sidecar"
  | "phase"
  | "condition"
  | "plan"
  | "tasks"
  | "gate"
  | "stamped"
  | "ended"
  | "event";

/** One thing that happened, read from a commit of the API server or from a request that reached a sidecar. */
export interface Fact {
  /** Unix time in milliseconds, by the cluster's clock. */
  readonly at: number;
  readonly who: "operator" | "cluster" | "tidekeeper";
  readonly kind: FactKind;
  readonly node: string;
  readonly text: string;
}
