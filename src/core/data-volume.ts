/** The volume that counts: which one it is, when it is taken as proven, and what stands in the way where it is not. */
import {
  acceptedVolume,
  type ClaimView,
  isHomeOn,
  type Obstacle,
  type PodView,
  type StoredPlan,
  type StoredTask,
} from "../model/index.ts";
import type { Life } from "./steps.ts";
import type { ReconcileContext } from "./context.ts";

/**
 * True when a claim was there before something that has come to be: RFC 3339 to the second. One of the same second counts
 * as before: a node comes up in less.
 */
export function isBefore(claim: Pick<ClaimView, "createdAt">, what: { readonly createdAt: string }): boolean {
  return claim.createdAt !== "" && what.createdAt !== "" && claim.createdAt <= what.createdAt;
}

/** True when the Pod keeps its home on this claim, and the claim was there first. */
export function isGroundOf(claim: ClaimView, pod: PodView): boolean {
  return isHomeOn(pod, claim.name) && isBefore(claim, pod);
}

/** Whether the node may have brought the claim up: it is its own, nobody's, or imported. */
function mayBeIts({ node, owned: { claim }, loop }: ReconcileContext): boolean {
  if (claim === null || claim.deleting) return false;
  return claim.ownerUid === node.metadata.uid || claim.ownerUid === null || loop.facts.readsAnew(node);
}

/**
 * The claim of a node that another program brought up, and that nobody of ours has applied: it was there before the
 * StatefulSet, which is made once, or else before the node was last said to be Running, and before the Pod on it. Null
 * where that is not so.
 */
function foundVolume(context: ReconcileContext): ClaimView | null {
  const { claim, statefulSet, pod } = context.owned;
  const { applied, phaseTransitionTime = "" } = context.draft.status;
  // A set that bears our fields was ours, whatever status has lost of it.
  const wasOurs = applied?.statefulSet !== undefined || (statefulSet !== null && statefulSet.ownedDigest !== null);
  if (wasOurs || claim === null || !mayBeIts(context)) return null;
  if (!isBefore(claim, statefulSet ?? { createdAt: phaseTransitionTime })) return null;
  return pod === null || isGroundOf(claim, pod) ? claim : null;
}

/** The claim that a plan of init made, where its note is gone: it was there before anything was put onto it. */
function plannedVolume(context: ReconcileContext, plan: StoredPlan): ClaimView | null {
  const { claim, pod } = context.owned;
  if (claim === null || !mayBeIts(context)) return null;
  const makesIt = ({ type }: StoredTask): boolean => context.loop.facts.task(type).makes === "dataVolume";
  const complete = plan.tasks.filter(({ status }) => status === "Complete");
  const isMade = complete.some(makesIt);
  const steps = complete.filter((task) => !makesIt(task));
  const isFirst = steps.every(({ startedAt }) => startedAt === undefined || isBefore(claim, { createdAt: startedAt }));
  return isMade && isFirst && (pod === null || isGroundOf(claim, pod)) ? claim : null;
}

/** Notes the volume of a node whose plan goes on, where it is proven and nobody has noted it. */
export function noteVolume(context: ReconcileContext, plan: StoredPlan): void {
  if (context.draft.status.dataVolume !== undefined) return;
  const claim = context.draft.status.phase === "Running" ? foundVolume(context) : plannedVolume(context, plan);
  if (claim !== null) context.draft.set({ dataVolume: { claimName: claim.name, uid: claim.uid } });
}

/** Nothing shuts a gate that is open. */
const STAYS_SHUT = "A gate that is shut stays shut";

/** How a person says that the claim which is there now holds the right data. */
function accepting({ node: { metadata }, owned: { claim } }: ReconcileContext, missed: ClaimView | null): string {
  const found = claim ?? missed;
  if (found === null || found.deleting) return "";
  const { namespace, name } = metadata;
  const annotation = `tidekeeper.sei.io/accept-data-volume=${found.uid}`;
  const accept = `kubectl annotate seinode ${name} -n ${namespace} --overwrite ${annotation}`;
  const label = `kubectl label pvc ${found.name} -n ${namespace} --overwrite sei.io/node=${name} && `;
  const needsLabel = claim === null && found.node !== name;
  return `, or accept this one if it holds the right data: ${needsLabel ? label : ""}${accept}`;
}

/** The claim of another manager's node may have been there before the node, and then nobody has labelled it. */
const UNSEEN_VOLUME: Obstacle = {
  reason: "DataVolumeLost",
  message:
    "data volume: got no claim of the node's, want the one that it runs on. Label it sei.io/node with the node's name. A gate that is shut stays shut",
};

/** Of a Running node: the gate is opened only on the volume that init completed on, or on one that a person accepted. */
export function dataVolumeObstacle(context: ReconcileContext, life: Life): Obstacle | null {
  const { claim } = context.owned;
  const known = context.draft.status.dataVolume;
  const mayAct = context.loop.policy.mayAct(context.node);
  if (known === undefined) return unnotedObstacle(context, life);
  if (claim !== null && claim.uid === known.uid) return null;
  if (claim !== null && !claim.deleting && claim.uid === acceptedVolume(context.node) && mayAct) {
    context.draft.set({ dataVolume: { claimName: claim.name, uid: claim.uid } });
    return null;
  }
  const missed = claim === null ? context.missedClaim : null;
  if (missed !== null && missed.uid === known.uid && missed.node !== context.node.metadata.name) {
    return { reason: "DataVolumeLost", message: unlabelled(context, missed) };
  }
  const found = foundInstead(claim ?? missed, known);
  const lost = `data volume: claim ${known.claimName}: got ${found}, want the one that init completed on. Restore it`;
  return { reason: "DataVolumeLost", message: `${lost}${accepting(context, missed)}. ${STAYS_SHUT}` };
}

function unnotedObstacle(context: ReconcileContext, life: Life): Obstacle | null {
  if (context.owned.claim === null) return UNSEEN_VOLUME;
  if (!context.loop.policy.mayAct(context.node)) return null;
  const claim = life.kind === "up" ? life.volume : foundVolume(context);
  if (claim !== null) context.draft.set({ dataVolume: { claimName: claim.name, uid: claim.uid } });
  return claim === null && life.kind === "stalled" ? life.obstacle : null;
}

/** True while a Running node's volume is noted nowhere and what is mirrored does not prove it. */
export function lacksVolume(context: ReconcileContext): boolean {
  const { status } = context.draft;
  return status.phase === "Running" && status.dataVolume === undefined && foundVolume(context) === null;
}

/** It is there, and nobody who watches by label sees it. */
function unlabelled({ node: { metadata } }: ReconcileContext, { name }: ClaimView): string {
  const label = `sei.io/node=${metadata.name}`;
  const how = `kubectl label pvc ${name} -n ${metadata.namespace} --overwrite ${label}`;
  return `data volume: claim ${name}: got it without the label ${label}, by which claims are watched. Give it back: ${how}. ${STAYS_SHUT} meanwhile`;
}

/** A spec that began to import a claim names another one than the node runs on. */
function foundInstead(claim: ClaimView | null, known: { readonly claimName: string }): string {
  if (claim === null) return "no such claim";
  return claim.name === known.claimName ? "another claim of that name" : `claim ${claim.name}`;
}
