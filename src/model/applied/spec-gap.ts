/**
 * In what that which runs is not what the spec asks for: what `Ready=False/SpecNotApplied` says. Told by the same
 * comparisons that make plans, and also where none may be made: while another plan is under way, backs off, or waits for a
 * person, and where nothing is applied at all (`--mode observe`).
 */
import type { SeiNode, SpecGap, Surroundings } from "../index.ts";
import { editedInPlace, otherImage, otherSidecarImage } from "./images-in-use.ts";
import { isOlderThanTemplate, templateGap } from "./workload-gap.ts";

/** The first difference; null when none is known. */
export function specGap(node: SeiNode, around: Surroundings): SpecGap | null {
  const image = imageGap(node, around);
  if (image !== null) return { of: "rollOut", message: image };
  const template = templateGap(node, around) ?? podGap(node, around);
  return template === null ? null : { of: "template", message: template };
}

function imageGap(node: SeiNode, around: Surroundings): string | null {
  const { image } = node.spec;
  const want = typeof image === "string" ? image : null;
  const seid = want === null ? null : otherImage(want, node, around);
  if (want !== null && seid !== null) return differs("spec.image", seid, want);
  const sidecar = otherSidecarImage(node, around);
  return sidecar === null ? null : differs("image of the sidecar", sidecar, around.sidecarImage ?? "");
}

function differs(what: string, have: string, want: string): string {
  return have === "" ? `${what}: nobody has seen ${want} run` : `${what}: got ${have}, want ${want}`;
}

/** What was applied reaches a Pod with its next start. */
function podGap(node: SeiNode, around: Surroundings): string | null {
  const { pod, statefulSet } = around;
  if (pod === null || pod.deleting) return null;
  const edited = editedInPlace(node, around);
  if (edited !== null)
    return `Pod ${pod.name} was edited in place: ${differs(edited.container, edited.said, edited.applied)}`;
  const isUnseen = statefulSet !== null && statefulSet.observedGeneration < statefulSet.generation;
  if (!isUnseen && isOlderThanTemplate(around) !== true) return null;
  return `Pod ${pod.name} is older than its template: what was edited takes effect when it is next replaced, for example by deleting it`;
}
