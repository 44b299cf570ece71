/**
 * Drift of the image: a Running node whose `spec.image` is not the image that was seen running.
 *
 * Nothing is looked at: `status.currentImage` is what `observe-image` saw. An absent one counts as drift, since
 * then nobody has seen the roll-out through. Source: docs/design/0003-image.md.
 */
import { type Detector, type Drift, defineDetector } from "../plugin/index.ts";
import { imageUpdateTasks } from "../seinode/recipes.ts";
import { workflowHold } from "./held.ts";

/** The first detector: its plan ends with `mark-ready`, so it wins over a shut gate. */
export const image: Detector = defineDetector({
  name: "image",
  detect({ node }): Drift | null {
    const want = node.spec["image"];
    const { currentImage } = node.status;
    if (typeof want !== "string" || want === currentImage || workflowHold(node) !== null) return null;
    return {
      reason: "ImageChanged",
      message: `image drift detected: spec=${want} current=${currentImage ?? ""}`,
      tasks: imageUpdateTasks(node),
      madeFrom: { "spec.image": want },
      targetPhase: "Running",
    };
  },
});
