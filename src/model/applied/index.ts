/**
 * How far what runs is what the spec asks for: images in use, objects as they were applied, Pods older than their template.
 * Pure functions over the words of `model`.
 *
 * Invariants:
 * - what admission has a Pod or a template say instead of what was applied is told, and no gap
 *   (test/drift/images-in-use.test.ts);
 * - what makes plans and what is told are the same comparisons (test/model/applied/spec-gap.test.ts).
 */
export {
  editedInPlace,
  imageRemark,
  isUntaken,
  otherImage,
  otherSidecarImage,
  type ToldImage,
} from "./images-in-use.ts";
export { specGap } from "./spec-gap.ts";
export { isOlderThanTemplate, workloadGap } from "./workload-gap.ts";
