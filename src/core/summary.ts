/** What a reconcile tells of a node before it is stored: what follows from the spec alone, and the sum of all that is known. */
import { conditionOf, currentTask, type Obstacle, verdict } from "../model/index.ts";
import { nodeAfterDraft, type ReconcileContext } from "./context.ts";
import { type Silence, silence, summarise } from "./loop-conditions.ts";
import { stillThere } from "./scale.ts";
import { tellUnapplied } from "./unapplied.ts";
import { waitOf } from "./watch-step.ts";

/** What follows from the spec alone. */
export function tellSpec(context: ReconcileContext): void {
  const { loop, node, draft, isPaused } = context;
  draft.set(loop.facts.derivedStatus(node));
  draft.abnormal(
    isPaused ? verdict("Paused", "True", "Paused", "spec.paused is set") : verdict("Paused", "False", "NotPaused", ""),
    !isPaused,
  );
  tellUnapplied(context);
}

/** What is known to be still to do though no plan says so, and what stands in the way of knowing. */
export function aheadOf(context: ReconcileContext): string | Silence | null {
  const { loop, node, draft, isPaused } = context;
  // What conditions say of the sidecar is from before its phase was lost.
  const isFound = draft.status.phase === "Running" && node.status.phase !== "Running";
  if (isFound) return "the node was found to be up: its sidecar is asked next";
  return (isPaused ? stillThere(context) : null) ?? silence(loop.reader.silent());
}

/** A field that did not come back means that the CRD is older than we are: nothing is done until it is not. */
export function crdObstacle({ memory, loop, next }: ReconcileContext): Obstacle | null {
  const { dropped } = memory;
  const leftMs = dropped === null ? 0 : dropped.untilMono - loop.clock.mono();
  if (dropped === null || leftMs <= 0) return null;
  next.atMost(leftMs);
  return { reason: "CRDTooOld", message: `the API server dropped ${dropped.field}: apply the CRD of this version` };
}

/** Sets `Ready`, `Reconciling` and `Stalled`; called once, last. `ahead` as `Besides` has it. */
export function tellSummary(
  context: ReconcileContext,
  obstacle: Obstacle | null,
  ahead: string | Silence | null,
): void {
  const { draft, owned, memory, loop } = context;
  summarise(draft, obstacle, {
    readiness: loop.readiness,
    ahead,
    remark: remarkOn(context),
    waiting: waitingOn(context),
    trouble: memory.trouble?.told ?? null,
    gap: loop.facts.specGap(nodeAfterDraft(context), owned),
  });
}

/** What is told of the node beside what is done. Between two Pods it is what was told of the last one. */
function remarkOn(context: ReconcileContext): string {
  const { node, owned, loop } = context;
  if (owned.pod !== null && !owned.pod.deleting) return loop.facts.remark(nodeAfterDraft(context), owned);
  const told = conditionOf(node.status.conditions, "Reconciling");
  return told?.status === "False" ? told.message : "";
}

/** What the current step waits for, to be told; as `waitOf`. */
function waitingOn({ draft, memory }: ReconcileContext): string | null | undefined {
  const { plan } = draft.status;
  const current = plan === null || plan === undefined ? null : currentTask(plan);
  if (plan === null || plan === undefined || current === null) return null;
  return waitOf(memory.watched, plan, current.task);
}
