/**
 * In what that which runs is not what the spec asks for: what `Ready=False/SpecNotApplied` says. Told by the same
 * comparisons that make plans, and also where none may be made: while another plan is under way, backs off, or waits for a
 * person, and where nothing is applied at all (`--mode observe`).
 */
import type { SeiNode, SpecGap, OwnedObjects } from "../index.ts";
import { editedInPlace, otherImage, otherSidecarImage } from "./images-in-use.ts";
import { isOlderThanTemplate, templateGap } from "./workload-gap.ts";

/** The first difference; null when none is known. */
export function specGap(node: SeiNode, owned: OwnedObjects): SpecGap | null {
  const image = imageGap(node, owned);
  if (image !== null) return { of: "rollOut", message: image };
  const template = templateGap(node, owned) ?? podGap(node, owned);
  return template === null ? null : { of: "template", message: template };
}

function imageGap(node: SeiNode, owned: OwnedObjects): string | null {
  const { image } = node.spec;
  const want = typeof image === "string" ? image : null;
  const seid = want === null ? null : otherImage(want, node, owned);
  if (want !== null && seid !== null) return differs("spec.image", seid, want);
  const sidecar = otherSidecarImage(node, owned);
  return sidecar === null ? null : differs("image of the sidecar", sidecar, owned.sidecarImage ?? "");
}

function differs(what: string, have: string, want: string): string {
  return have === "" ? `${what}: nobody has seen ${want} run` : `${what}: got ${have}, want ${want}`;
}

/** What was applied reaches a Pod with its next start. */
function podGap(node: SeiNode, owned: OwnedObjects): string | null {
  const { pod, statefulSet } = owned;
  if (pod === null || pod.deleting) return null;
  const edited = editedInPlace(node, owned);
  if (edited !== null)
    return `Pod ${pod.name} was edited in place: ${differs(edited.container, edited.said, edited.applied)}`;
  const isUnseen = statefulSet !== null && statefulSet.observedGeneration < statefulSet.generation;
  if (!isUnseen && isOlderThanTemplate(owned) !== true) return null;
  return `Pod ${pod.name} is older than its template: what was edited takes effect when it is next replaced, for example by deleting it`;
}
