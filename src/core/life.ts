/**
 * What the phase of a node does not say. One without a phase is new only where nothing of it stands: else its status was
 * lost, and init would write over its data; or it was made again beside objects that nobody owns. What stands is read
 * live, since a mirror that shows nothing proves nothing. Source: docs/design/0021-lost-status.md.
 */
import {
  acceptedVolume,
  adoptedVolume,
  type ClaimView,
  conditionOf,
  type NodeStatus,
  type Obstacle,
  type SeiNode,
  type Standing,
  standingWord,
  unheededRestart,
} from "../model/index.ts";
import { isGroundOf, lacksVolume } from "./data-volume.ts";
import { PROBE_DEADLINE_MS } from "./probe-pace.ts";
import type { ReconcileContext } from "./context.ts";
import type { Life } from "./steps.ts";
import { gateCondition, type Readiness } from "./gate-condition.ts";

const TOLD: Life = { kind: "told" };

/** Finds out where the node stands. Waits for reads only where status does not say it, which is rare. */
export async function lifeOf(context: ReconcileContext): Promise<Life> {
  const { node, isPaused } = context;
  if (isPaused || !context.loop.policy.mayAct(node) || !isInDoubt(context)) return TOLD;
  const standing = await context.loop.reader.standing(node);
  if (standing === null) return { kind: "unread", why: "what stands of the node could not be read" };
  const orphaned = orphansOf(node, standing);
  if (orphaned.length > 0 && standing.claim !== null) return orphanLife(context, standing, orphaned);
  if (!isKnown(node, standing, context.loop.readiness)) return { kind: "new" };
  return lostLife(context, standing);
}

function isInDoubt(context: ReconcileContext): boolean {
  const { phase, plan } = context.draft.status;
  if (phase === "Running") return lacksVolume(context) && context.owned.claim !== null;
  const isGoingOn = plan?.phase === "Active" && plan.failedPhase !== undefined;
  return phase !== "Failed" && phase !== "Initializing" && !isGoingOn;
}

/**
 * What nobody owns of all that bears the names of the node's; nothing where there is no data to lose, and where neither
 * claim nor set is labelled as the node's: those are somebody else's, unless a person says otherwise.
 */
function orphansOf(node: SeiNode, { claim, isImported, statefulSet, service }: Standing): readonly string[] {
  if (claim === null || node.status.phase === "Running") return [];
  const isUnowned = (one: Unowned | null): boolean => one?.ownerUid === null;
  const isMeant = (one: Unowned | null): boolean =>
    isUnowned(one) && (one?.node === node.metadata.name || adoptedVolume(node) === claim.uid);
  if (!isMeant(statefulSet) && (isImported || !isMeant(claim))) return [];
  return [
    ...(isUnowned(statefulSet) ? ["StatefulSet"] : []),
    ...(isUnowned(service) ? ["Service"] : []),
    ...(!isImported && isUnowned(claim) ? ["claim"] : []),
  ];
}

interface Unowned {
  readonly ownerUid: string | null;
  /** As its label says. */
  readonly node: string;
}

async function orphanLife(context: ReconcileContext, standing: Standing, orphans: readonly string[]): Promise<Life> {
  const { claim } = standing;
  if (claim === null) return TOLD;
  const what = `${orphans.join(", ")} of the name ${context.node.metadata.name}`;
  if (adoptedVolume(context.node) !== claim.uid) {
    const how = `To take them over as they are, with the data of claim ${claim.name} and without a new Pod, annotate ${ADOPT}=${claim.uid}`;
    return consentNeeded(`${what}: got one that nobody owns, want one that this node owns. ${how}`);
  }
  if (standing.job?.state === "running") {
    return consentNeeded(`claim ${claim.name}: Job ${standing.job.name} runs on it, want it to have ended`);
  }
  if (standing.user !== null) return consentNeeded(`claim ${claim.name}: ${standing.user} uses it, want nobody else`);
  const outcome = await context.loop.writer.adopt(context.node, standing);
  switch (outcome.kind) {
    case "done":
      return { kind: "up", volume: claim };
    case "failed":
      return consentNeeded(`${what}: they could not be taken over: ${outcome.why}`);
    case "again":
    case "superseded":
      return { kind: "unread", why: outcome.why };
    case "submitted":
      return { kind: "unread", why: "it is under way" };
  }
}

const ADOPT = "tidekeeper.sei.io/adopt";
const ACCEPT = "tidekeeper.sei.io/accept-data-volume";
const RESTART = "tidekeeper.sei.io/reinitialize";

function consentNeeded(message: string): Life {
  return { kind: "stalled", obstacle: { reason: "ConsentNeeded", message } };
}

/** Some object is the node's own by UID, or its status says that one was. */
function isKnown({ metadata: { uid }, status }: SeiNode, standing: Standing, readiness: Readiness): boolean {
  const { claim, isImported, statefulSet, service, job } = standing;
  const owned = [statefulSet, service, job, isImported ? null : claim];
  return owned.some((one) => one?.ownerUid === uid) || wasUp(status, readiness);
}

function wasUp(status: NodeStatus, readiness: Readiness): boolean {
  const { currentImage, dataVolume, applied, rolledOutPod, history = [] } = status;
  const noted = [currentImage, dataVolume, applied, rolledOutPod, gateCondition(status, readiness)];
  return history.length > 0 || noted.some((one) => one !== undefined && one !== null);
}

async function lostLife(context: ReconcileContext, standing: Standing): Promise<Life> {
  const { node } = context;
  const { claim } = standing;
  const said = saidOf(node, claim);
  if (said !== null) return said;
  const doubt = doubtOf(node, standing) ?? (await gateDoubt(context, standing));
  if (doubt === null && claim !== null) return { kind: "up", volume: claim };
  const obstacle: Obstacle = { reason: "StatusLost", message: messageOf(doubt ?? NO_CLAIM, claim) };
  const word = isTold(node) || node.status.reinitialized !== undefined ? null : standingWord(node);
  return { kind: "stalled", obstacle, ...(word === null ? {} : { word }) };
}

/** What a person said of the loss, or a new start that stands in status still; null when neither says anything. */
function saidOf(node: SeiNode, claim: ClaimView | null): Life | null {
  const { reinitialized, phase } = node.status;
  if (claim !== null && isConsented(node, claim)) return { kind: "up", volume: claim };
  if (isTold(node)) return unheededRestart(node, node.status) === null ? null : { kind: "restart" };
  return reinitialized === undefined || phase === "Running" ? null : { kind: "halfway" };
}

function isTold({ status }: SeiNode): boolean {
  return conditionOf(status.conditions, "Stalled")?.reason === "StatusLost";
}

function isConsented(node: SeiNode, { uid, deleting }: ClaimView): boolean {
  return !deleting && (uid === acceptedVolume(node) || uid === adoptedVolume(node));
}

const NO_CLAIM = "no data volume";

/** Why what stands does not prove that init completed on the claim that is there; null when all that is left is its gate. */
function doubtOf(node: SeiNode, { claim, isImported, statefulSet, pod }: Standing): string | null {
  const { uid } = node.metadata;
  const known = node.status.dataVolume;
  if (claim === null) return NO_CLAIM;
  const isNoted = known === undefined ? isImported || claim.ownerUid === uid : known.uid === claim.uid;
  if (!isNoted || claim.deleting) return "another data volume";
  // A new start may have been under way, behind a gate that stood open from before.
  if (node.status.phase !== "Running" && standingWord(node) !== null) return "a new start that was asked for once";
  if (statefulSet?.ownerUid !== uid || pod === null) return "no Pod";
  if (pod.deleting || pod.ownerUid !== statefulSet.uid) return "no Pod";
  return isGroundOf(claim, pod) ? null : "a Pod that is not on a data volume older than itself";
}

/** Asks the gate now: an older answer may come from before the loss. */
async function gateDoubt(context: ReconcileContext, { pod }: Standing): Promise<string | null> {
  const sidecar = context.loop.sidecars.view(context.node, { ...context.owned, pod }, PROBE_DEADLINE_MS);
  const health = sidecar === null ? null : await sidecar.health(context.signal);
  return health?.state === "ready" ? null : "a gate that is not seen open";
}

function messageOf(doubt: string, claim: ClaimView | null): string {
  const accept = claim === null ? "" : `${ACCEPT}=${claim.uid} to run on claim ${claim.name} as it is, or `;
  return `status: it was lost, and the node is not new: got ${doubt}, want an open gate on its data volume. Nothing is done until consent by annotation: ${accept}${RESTART}=<a new word> to initialise it anew`;
}
