/** Possible reasons why nothing happens to a node, and what they are found from. */
import type { SeiNode } from "../model/index.ts";
import type { Judgement } from "./judge-fleet.ts";
import type { SeenLeases } from "./leases.ts";
import type { SeenEvent } from "./node-events.ts";

/** One possible reason. */
export interface Check {
  /** What was looked at. */
  readonly name: string;
  /** `stops` and `waits` are why nothing happens, `note` is worth knowing, `unknown` could not be looked at. */
  readonly state: "fine" | "stops" | "waits" | "note" | "unknown";
  /** What was seen, in a sentence. */
  readonly saw: string;
  /** The reason by which the state of a node is known, if this is one; see docs/operations.md. */
  readonly reason?: string;
  /** What a person does about it. */
  readonly remedy?: string;
}

/** What an explanation is made from. */
export interface Facts {
  readonly judgement: Judgement;
  readonly leases: SeenLeases;
  /** Of a living Lease with a selector: whether the node's labels match it; null = it could not be asked. */
  readonly isSelected: (selector: string) => boolean | null;
  readonly hasPlace: (node: SeiNode, budget: string) => boolean;
  /** Warnings about the Pod and its StatefulSet; null where they could not be read. */
  readonly events: readonly SeenEvent[] | null;
  /** Unix milliseconds by the API server's clock. */
  readonly now: number;
}
