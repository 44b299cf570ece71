/** Which images a node is known to use besides the ones that are wanted: what was seen, and what template and Pod ask for. */
import type { SeiNode, Surroundings } from "../plugin/index.ts";
import { SEID_CONTAINER, SIDECAR_CONTAINER } from "../seinode/labels.ts";

/** True while the StatefulSet was not applied by us once, or the reference's field manager owns fields of it. */
export function isUntaken({ status }: SeiNode, { statefulSet }: Surroundings): boolean {
  return status.applied?.statefulSet === undefined || statefulSet?.isOfReference === true;
}

/**
 * Another image of `seid` than `want`; null when there is none. A node of which nothing is known has the image "": nobody
 * has seen its roll-out through. Where nothing was seen, or only by the reference, which stamps what it has not seen, that
 * counts for less than what is asked for.
 */
export function otherImage(want: string, node: SeiNode, around: Surroundings): string | null {
  const asked = askedFor(around, SEID_CONTAINER, around.statefulSet?.templateImage);
  const seen = node.status.currentImage ?? "";
  const isDoubtful = seen === "" || isUntaken(node, around);
  const known = isDoubtful && asked.length > 0 ? asked : [seen, ...asked];
  return known.find((have) => have !== want) ?? null;
}

/** Another image of the sidecar than is wanted; null when there is none, or when none was ever seen. */
export function otherSidecarImage({ status }: SeiNode, around: Surroundings): string | null {
  const { currentSidecarImage: seen } = status;
  const { sidecarImage: want } = around;
  if (seen === undefined || want === null) return null;
  const asked = askedFor(around, SIDECAR_CONTAINER, around.statefulSet?.templateSidecarImage);
  return [seen, ...asked].find((have) => have !== want) ?? null;
}

/** They matter after a roll-back: an image that never started was never seen, and yet the Pod asks for it. */
function askedFor({ pod }: Surroundings, container: string, template: string | null | undefined): readonly string[] {
  const asking = pod?.deleting === false ? pod.containers.find(({ name }) => name === container) : undefined;
  return [template ?? [], asking?.image ?? []].flat();
}
