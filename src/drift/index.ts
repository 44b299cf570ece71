/**
 * The built-in detectors in their order. They use the same door as anybody's.
 *
 * Invariants:
 * - the workload is compared by what we applied, so defaults never loop (test/drift/workload.test.ts);
 * - a node of another manager's is rolled by nobody but with a person's consent (test/drift/take-over.test.ts);
 * - the image wins over a shut gate (test/drift/order.test.ts);
 * - what admission has a Pod or a template say instead of what was applied is told, and no drift
 *   (test/drift/images-in-use.test.ts);
 * - a roll-out that came to nothing keeps no proven gate shut (test/drift/below-roll-out.test.ts);
 * - a sidecar image that was never seen, or has no place in its budget, rolls nobody (test/drift/sidecar-image.test.ts);
 * - a probe that is not the sidecar's own 503 makes no plan (test/drift/sidecar-ready.test.ts);
 * - a gate shut on purpose, or on another volume, makes no plan (test/drift/sidecar-ready.test.ts).
 */
import type { Detector } from "../plugin/index.ts";
import { image } from "./image.ts";
import { sidecarImage } from "./sidecar-image.ts";
import { workload } from "./workload.ts";
import { sidecarReady } from "./sidecar-ready.ts";

/** The order is the policy: the first drift found wins. `--detectors` may name another order (src/controller/registry.ts). */
export const builtinDetectors: readonly Detector<unknown>[] = [
  image, // rolls the node, and its plan opens the gate at its end: a shut gate needs no plan of its own then
  sidecarImage, // the same for the other container; while it waits for its place, those below are asked
  sidecarReady, // the gate alone
  workload, // objects somebody edited or deleted; an image plan would have applied them anyway
];
