/**
 * Drift of the image: a Running node that is not known to run `spec.image`.
 *
 * Nothing is asked: `status.currentImage` is what `observe-image` saw, and the StatefulSet and the Pod are stored.
 * A node of which nothing is known counts as drift, since then nobody has seen the roll-out through. One of another
 * manager's, whose roll-out nobody has asked for, is left to a person.
 * Source: docs/design/0003-image.md.
 */
import {
  defineDetector,
  type Detector,
  type Drift,
  imageUpdateTasks,
  otherImage,
  workflowHold,
} from "../plugin/index.ts";
import { heldForConsent, takeOverCondition } from "./take-over.ts";

/** First in the order: its plan ends with `mark-ready`, so it wins over a shut gate. */
export const image: Detector = defineDetector({
  name: "image",
  conditionTypes: ["TakeOver"],
  reasons: {
    ImageChanged: "The node is not known to run spec.image.",
  },
  conditions: ({ node, owned }) => takeOverCondition(node, owned),
  detect({ node, owned }): Drift | null {
    const want = node.spec["image"];
    if (typeof want !== "string" || workflowHold(node) !== null) return null;
    const other = otherImage(want, node, owned);
    if (other === null || heldForConsent(node, owned) !== null) return null;
    return {
      reason: "ImageChanged",
      message: `image from ${other} to ${want}`,
      tasks: imageUpdateTasks(node),
      madeFrom: { "spec.image": want },
      targetPhase: "Running",
    };
  },
});
