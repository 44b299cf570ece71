/**
 * Nodes that the reference brought up. Their objects become ours without a Pod being replaced; where that cannot be, a
 * person is asked first, and until then nothing is written to them. Source: docs/design/0012-taking-over.md.
 */
import {
  type DetectorCondition,
  type Drift,
  firstSightTasks,
  isSameImage,
  isUntaken,
  mayReplaceToTakeOver,
  otherImage,
  otherSidecarImage,
  SEID_CONTAINER,
  type SeiNode,
  type OwnedObjects,
  takeOverTasks,
} from "../plugin/index.ts";

/** Why the node is left alone until a person consents; null when it need not be, or somebody has consented. */
export function heldForConsent(node: SeiNode, owned: OwnedObjects): string | null {
  return mayReplaceToTakeOver(node) ? null : reasonToAsk(node, owned);
}

/** What there is to take over; null when the node is ours, or has to wait for a person. */
export function takeOver(node: SeiNode, owned: OwnedObjects): Drift | null {
  if (!isUntaken(node, owned) || heldForConsent(node, owned) !== null) return null;
  // What was stamped may never have run, and the sidecar was never seen.
  const sees = hasPodToSee(owned) && (!isStamped(node) || runsSeid(owned));
  const message = "the node was brought up by another manager: its objects become ours, and no Pod is replaced for it";
  return drift(node, message, takeOverTasks(node, { sees }));
}

/** Of a set that was scaled to nothing no Pod comes before it is applied. */
function hasPodToSee({ statefulSet }: OwnedObjects): boolean {
  return statefulSet !== null && statefulSet.replicas > 0;
}

/** A node of ours whose image nobody has seen run, though all ask for it: an init of the reference's does not look. */
export function firstSight(node: SeiNode, owned: OwnedObjects): Drift | null {
  const { image: want } = node.spec;
  if (isUntaken(node, owned) || node.status.currentImage || typeof want !== "string") return null;
  if (otherImage(want, node, owned) !== null) return null;
  return drift(node, "nobody has seen the node's image run yet", firstSightTasks(node));
}

function drift(node: SeiNode, message: string, tasks: Drift["tasks"]): Drift {
  return { reason: "TakeOver", message, tasks, madeFrom: { "spec.image": node.spec["image"] }, targetPhase: "Running" };
}

/** Condition `TakeOver`: not written on a node that never had to wait. */
export function takeOverCondition(node: SeiNode, owned: OwnedObjects): readonly DetectorCondition[] {
  const type = "TakeOver";
  if (!isUntaken(node, owned)) return [{ type, status: "True", reason: "TakenOver", message: "", quiet: true }];
  const why = heldForConsent(node, owned);
  return why === null ? [] : [{ type, status: "False", reason: "ConsentNeeded", message: why }];
}

function isStamped({ status, spec }: SeiNode): boolean {
  const { image } = spec;
  return status.currentImage !== undefined && typeof image === "string" && isSameImage(status.currentImage, image);
}

/** Only where a StatefulSet stands is there a Pod that could be replaced. */
function reasonToAsk(node: SeiNode, owned: OwnedObjects): string | null {
  const want = node.spec["image"];
  if (!isUntaken(node, owned) || owned.statefulSet === null || typeof want !== "string") return null;
  const seid = otherImage(want, node, owned);
  if (seid !== null) return asking("spec.image", want, seid);
  const sidecar = otherSidecarImage(node, owned);
  return sidecar === null ? null : asking("the sidecar's image", owned.sidecarImage ?? "", sidecar);
}

function asking(what: string, want: string, have: string): string {
  return `to take the node over would replace its Pod: ${what} is ${want}, found ${have}. Consent by annotation tidekeeper.sei.io/take-over, or set it back`;
}

function runsSeid({ pod }: OwnedObjects): boolean {
  if (pod === null || pod.deleting) return false;
  return pod.containers.some(({ name, state }) => name === SEID_CONTAINER && state === "running");
}
