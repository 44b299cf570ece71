/**
 * Drift of the image: a Running node that is not known to run `spec.image`.
 *
 * Nothing is asked: `status.currentImage` is what `observe-image` saw, and the StatefulSet and the Pod are stored.
 * An absent `currentImage` counts as drift, since then nobody has seen the roll-out through. The other two matter
 * after a roll-back: an image that never started was never stamped, and yet the Pod asks for it.
 * Source: docs/design/0003-image.md.
 */
import { type Detector, type Drift, defineDetector, type Surroundings } from "../plugin/index.ts";
import { SEID_CONTAINER } from "../seinode/labels.ts";
import { imageUpdateTasks } from "../seinode/recipes.ts";
import { workflowHold } from "./held.ts";

/** The first detector: its plan ends with `mark-ready`, so it wins over a shut gate. */
export const image: Detector = defineDetector({
  name: "image",
  detect({ node, around }): Drift | null {
    const want = node.spec["image"];
    if (typeof want !== "string" || workflowHold(node) !== null) return null;
    const other = imagesInUse(node.status.currentImage ?? "", around).find((have) => have !== want);
    if (other === undefined) return null;
    return {
      reason: "ImageChanged",
      message: `image drift detected: spec=${want} current=${other}`,
      tasks: imageUpdateTasks(node),
      madeFrom: { "spec.image": want },
      targetPhase: "Running",
    };
  },
});

/** What was seen running, what the template asks for, and what the Pod asks for; the last two only where they exist. */
function imagesInUse(seen: string, { statefulSet, pod }: Surroundings): readonly string[] {
  const template = statefulSet?.templateImage ?? null;
  const seid = pod === null || pod.deleting ? null : pod.containers.find(({ name }) => name === SEID_CONTAINER);
  return [seen, ...(template === null ? [] : [template]), ...(seid === null || seid === undefined ? [] : [seid.image])];
}
