/**
 * Drift of the sidecar's image: a Running node whose sidecar was seen running another one than `spec.sidecar.image`,
 * or, where the spec names none, than the platform's.
 *
 * A sidecar that was never seen is no drift, so that a first start of this program rolls nobody. A new default of the
 * platform concerns every node at once, so such a plan needs a place in a budget of the fleet; an image that somebody
 * wrote into this very spec is rolled out at once. Source: docs/design/0014-sidecar-image.md.
 */
import {
  defineDetector,
  type Detector,
  type Drift,
  imageUpdateTasks,
  otherSidecarImage,
  type SeiNode,
  workflowHold,
} from "../plugin/index.ts";
import { heldForConsent } from "./take-over.ts";

/** The budget that roll-outs of the platform's sidecar image share. */
export const SIDECAR_BUDGET = "sidecar-image";

/** Second in the order: like the image's, its plan ends with `mark-ready`. */
export const sidecarImage: Detector = defineDetector({
  name: "sidecar-image",
  reasons: {
    SidecarImageChanged: "The sidecar runs another image than the spec, or the platform, asks for.",
  },
  detect({ node, owned }): Drift | null {
    const other = otherSidecarImage(node, owned);
    if (other === null || workflowHold(node) !== null || heldForConsent(node, owned) !== null) return null;
    const own = ownImage(node);
    return {
      reason: "SidecarImageChanged",
      message: `sidecar image from ${other} to ${owned.sidecarImage}`,
      tasks: imageUpdateTasks(node),
      madeFrom: { "spec.image": node.spec["image"], ...(own === undefined ? {} : { "spec.sidecar.image": own }) },
      targetPhase: "Running",
      ...(own === undefined ? { budget: SIDECAR_BUDGET } : {}),
    };
  },
});

function ownImage({ spec }: SeiNode): string | undefined {
  const { sidecar } = spec;
  const image: unknown = typeof sidecar === "object" && sidecar !== null ? Reflect.get(sidecar, "image") : undefined;
  return typeof image === "string" && image !== "" ? image : undefined;
}
