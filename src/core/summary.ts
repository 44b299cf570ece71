/** What a pass tells of a node before it is stored: what follows from the spec alone, and the sum of all that is known. */
import { stillThere } from "./pausing.ts";
import { drafted, remarkOn, restAtMost, type Turn, waitingOn } from "./turn.ts";
import { tellUnapplied } from "./unapplied.ts";
import { type Obstacle, verdict } from "../model/index.ts";
import { type Silence, silence, summarise } from "./verdicts.ts";

/** What follows from the spec alone. */
export function tellSpec(turn: Turn, isPaused: boolean): void {
  turn.draft.set(turn.options.ports.derivedStatus(turn.node));
  turn.draft.abnormal(
    isPaused ? verdict("Paused", "True", "Paused", "spec.paused is set") : verdict("Paused", "False", "NotPaused", ""),
    !isPaused,
  );
  tellUnapplied(turn);
}

/** What is known to be still to do though no plan says so, and what stands in the way of knowing. */
export function aheadOf(turn: Turn, isPaused: boolean): string | Silence | null {
  // What conditions say of the sidecar is from before its phase was lost.
  const isFound = turn.draft.status.phase === "Running" && turn.node.status.phase !== "Running";
  if (isFound) return "the node was found to be up: its sidecar is asked next";
  return (isPaused ? stillThere(turn) : null) ?? silence(turn.options.ports.silent());
}

/** A field that did not come back means that the CRD is older than we are: nothing is done until it is not. */
export function crdObstacle(turn: Turn): Obstacle | null {
  const { dropped } = turn.memory;
  const leftMs = dropped === null ? 0 : dropped.untilMono - turn.options.clock.mono();
  if (dropped === null || leftMs <= 0) return null;
  restAtMost(turn, leftMs);
  return { reason: "CRDTooOld", message: `the API server dropped ${dropped.field}: apply the CRD of this version` };
}

/** Sets `Ready`, `Reconciling` and `Stalled`; called once, last. `ahead` as `Besides` has it. */
export function tellSummary(turn: Turn, obstacle: Obstacle | null, ahead: string | Silence | null): void {
  const { draft, around, memory, options } = turn;
  summarise(draft, obstacle, {
    ahead,
    remark: remarkOn(turn),
    waiting: waitingOn(turn),
    trouble: memory.trouble?.told ?? null,
    gap: options.ports.specGap(drafted(turn), around),
  });
}
