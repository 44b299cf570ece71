/**
 * Which images a node is known to use besides the ones that are wanted. Admission may rewrite what template and Pod say, so
 * a template that says what it said after our apply counts as what we applied, and a Pod is judged by its revision: its
 * text counts only where nothing tells which template it was made from.
 */
import {
  askedImages,
  isImageApplied,
  isSameImage,
  SEID_CONTAINER,
  type SeiNode,
  SIDECAR_CONTAINER,
  type OwnedObjects,
} from "../index.ts";

/** True while the StatefulSet was not applied by us once, or the reference's field manager owns fields of it. */
export function isUntaken({ status }: SeiNode, { statefulSet }: OwnedObjects): boolean {
  return status.applied?.statefulSet === undefined || statefulSet?.isOfReference === true;
}

/**
 * Another image of `seid` than `want`; null when there is none. A node of which nothing is known has the image "": nobody
 * has seen its roll-out through. Where nothing was seen, or only by the reference, which stamps what it has not seen, that
 * counts for less than what is asked for.
 */
export function otherImage(want: string, node: SeiNode, owned: OwnedObjects): string | null {
  const seen = node.status.currentImage ?? "";
  const asked = askedFor(node, owned, "seid");
  const isDoubtful = seen === "" || isUntaken(node, owned);
  if (!(isDoubtful && asked.length > 0) && !isSameImage(seen, want)) return seen;
  return asked.find((have) => !isImageApplied(have, want)) ?? null;
}

/** Another image of the sidecar than is wanted; null when there is none, or when none was ever seen. */
export function otherSidecarImage(node: SeiNode, owned: OwnedObjects): string | null {
  const { currentSidecarImage: seen } = node.status;
  const { sidecarImage: want } = owned;
  if (seen === undefined || want === null) return null;
  if (!isSameImage(seen, want)) return seen;
  return askedFor(node, owned, "sidecar").find((have) => !isImageApplied(have, want)) ?? null;
}

/** What a Pod says, container by container, where that is not the image that we applied for it; told, and never judged by. */
export interface ToldImage {
  readonly container: string;
  readonly said: string;
  readonly applied: string;
}

/** The images of the Pod that say otherwise than what was applied for its revision. */
export function toldOtherwise({ status }: SeiNode, { pod, statefulSet }: OwnedObjects): readonly ToldImage[] {
  if (pod === null || pod.deleting || statefulSet === null) return [];
  const isOfTemplate = pod.revision !== null && pod.revision === statefulSet.updateRevision;
  if (!isOfTemplate || statefulSet.observedGeneration < statefulSet.generation) return [];
  const asked = askedImages(status.applied, statefulSet);
  return pod.containers.flatMap(({ name, image }) => {
    const applied = name === SEID_CONTAINER ? asked.seid : name === SIDECAR_CONTAINER ? asked.sidecar : null;
    return applied === null || isSameImage(image, applied) ? [] : [{ container: name, said: image, applied }];
  });
}

/** What is told of such a Pod; empty when it says what was applied. */
export function imageRemark(node: SeiNode, owned: OwnedObjects): string {
  const told = toldOtherwise(node, owned).map(
    ({ container, said, applied }) => `${container} has ${said} where ${applied} was applied`,
  );
  if (told.length === 0) return "";
  const isCounted = (owned.pod?.generation ?? null) !== null;
  const byWhom = isCounted ? "admission rewrote it" : "admission rewrote it, or somebody edited the Pod";
  const why = editedInPlace(node, owned) === null ? byWhom : "it was edited in place";
  return `Pod ${owned.pod?.name}: ${told.join(", ")}: ${why}`;
}

/** The image that somebody gave a running Pod; null when none is known. For words alone: what is stamped is proved otherwise. */
export function editedInPlace(node: SeiNode, owned: OwnedObjects): ToldImage | null {
  // Whatever is edited counts, also what has nothing to do with images, so a mirror's name for an image is not it.
  if ((owned.pod?.generation ?? 1) === 1) return null;
  const isMirrored = ({ said, applied }: ToldImage): boolean =>
    isImageApplied(said, applied) || said.endsWith(`/${applied.slice(applied.lastIndexOf("/") + 1)}`);
  return toldOtherwise(node, owned).find((told) => !isMirrored(told)) ?? null;
}

/** They matter after a roll-back: an image that never started was never seen, and yet template or Pod ask for it. */
function askedFor(node: SeiNode, owned: OwnedObjects, which: "seid" | "sidecar"): readonly string[] {
  const { pod, statefulSet } = owned;
  const template = statefulSet === null ? null : askedImages(node.status.applied, statefulSet)[which];
  const name = which === "seid" ? SEID_CONTAINER : SIDECAR_CONTAINER;
  const asking = pod?.deleting === false && !isKnownByRevision(node, owned) ? pod.containers : [];
  return [template ?? [], asking.find((container) => container.name === name)?.image ?? []].flat();
}

/** Whether the Pod was made from a template that is judged already: the one that was seen to run, or the present one. */
function isKnownByRevision(node: SeiNode, owned: OwnedObjects): boolean {
  const { pod, statefulSet } = owned;
  if (pod === null || pod.revision === null) return false;
  // To take over a Pod that somebody edited in place is for a person to decide.
  if (isUntaken(node, owned) && pod.generation !== 1) return false;
  const { rolledOutPod } = node.status;
  if (rolledOutPod?.uid === pod.uid || rolledOutPod?.revision === pod.revision) return true;
  if (statefulSet === null) return false;
  // Which revision a new template has is not known yet: the next event tells.
  const isUnseen = statefulSet.observedGeneration < statefulSet.generation;
  return isUnseen || statefulSet.updateRevision === pod.revision;
}
