/**
 * When a gate is opened although a roll-out of the node backs off. A roll-out ends with an open gate of its own, so while
 * it goes on nothing else opens one; after it came to nothing the node must not stand still until it lands.
 */
import {
  askedImages,
  isSameImage,
  type PlanRecord,
  SEID_CONTAINER,
  type SeiNode,
  type OwnedObjects,
  type WaitingDrift,
} from "../index.ts";
import { otherImage, otherSidecarImage } from "../applied/index.ts";

/** Detectors whose plans replace the Pod. */
const ROLL_OUTS: ReadonlySet<string> = new Set(["image", "sidecar-image"]);

/** True when a roll-out came to nothing and waits for its next try. */
export function hasFailedRollOut(waiting: readonly WaitingDrift[] = []): boolean {
  return waiting.some(({ detector, why }) => why === "backOff" && ROLL_OUTS.has(detector));
}

/**
 * True when no roll-out backs off, or the Pod is one that nothing of ours replaces meanwhile, and that runs what was seen
 * to run before: a Pod of an image that never started is left to its roll-out.
 */
export function mayOpenBelow(node: SeiNode, owned: OwnedObjects, waiting: readonly WaitingDrift[] = []): boolean {
  if (!hasFailedRollOut(waiting)) return true;
  const stays = isOfTemplate(owned) || isStopped(node);
  return stays && (wasSeen(node, owned) || isAsWanted(node, owned));
}

/**
 * True where a gate would be opened below a roll-out that came to nothing, so that it rests on the revision of the Pod:
 * asked once more with the StatefulSet as it is read right before.
 */
export function opensBelow(node: SeiNode, owned: OwnedObjects): boolean {
  const { image } = node.spec;
  const other = typeof image === "string" ? otherImage(image, node, owned) : null;
  const isBelow = lastRollOut(node)?.outcome === "Failed" && (other ?? otherSidecarImage(node, owned)) !== null;
  return isBelow && mayOpenBelow(node, owned, [{ detector: "image", why: "backOff" }]);
}

/** The Pod is of the update revision, as far as the StatefulSet controller has seen the template. */
function isOfTemplate({ pod, statefulSet }: OwnedObjects): boolean {
  if (pod === null || pod.revision === null || statefulSet === null) return false;
  return statefulSet.observedGeneration >= statefulSet.generation && pod.revision === statefulSet.updateRevision;
}

/** The newest roll-out was stopped by the API server, before it could replace the Pod; the next one may be as well. */
function isStopped(node: SeiNode): boolean {
  const last = lastRollOut(node);
  return last?.outcome === "Failed" && /^task (?:apply-[a-z]+: |observe-image: API_REFUSED)/.test(last.message ?? "");
}

function lastRollOut({ status }: SeiNode): PlanRecord | undefined {
  return status.history?.findLast(({ detector, outcome }) => ROLL_OUTS.has(detector) && outcome !== "Superseded");
}

/**
 * The Pod is of the revision that `observe-image` saw running. Earlier versions did not note which one that was: then it
 * is that very Pod, or the template still asks for the image that was seen.
 */
function wasSeen({ status }: SeiNode, owned: OwnedObjects): boolean {
  const { pod, statefulSet } = owned;
  const { rolledOutPod, currentImage } = status;
  if (rolledOutPod === undefined || pod === null) return false;
  if (rolledOutPod.uid === pod.uid || rolledOutPod.revision === pod.revision) return true;
  if (rolledOutPod.revision !== undefined || statefulSet === null || currentImage === undefined) return false;
  const { seid } = askedImages(status.applied, statefulSet);
  return isOfTemplate(owned) && seid !== null && isSameImage(seid, currentImage);
}

/** The template was taken as it is wanted and what stopped the roll-out is something else, such as the Service: `seid` runs. */
function isAsWanted({ spec, status }: SeiNode, owned: OwnedObjects): boolean {
  const { pod, statefulSet } = owned;
  if (statefulSet === null || !isOfTemplate(owned) || statefulSet.ownedDigest !== status.applied?.statefulSet) {
    return false;
  }
  const want = spec["image"];
  const { seid, sidecar } = askedImages(status.applied, statefulSet);
  const isWanted = typeof want === "string" && seid !== null && isSameImage(seid, want);
  const isSidecarWanted = sidecar !== null && owned.sidecarImage !== null && isSameImage(sidecar, owned.sidecarImage);
  const runs = pod?.containers.some(({ name, state }) => name === SEID_CONTAINER && state === "running") ?? false;
  return isWanted && isSidecarWanted && runs;
}
