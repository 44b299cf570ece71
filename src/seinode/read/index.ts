/**
 * Readers of SeiNodes and of the objects around them, as the API server sends them.
 *
 * Invariants:
 * - no reader throws, whatever JSON it is given (test/seinode/read/readers.test.ts, test/seinode/read/read-spec.test.ts);
 * - a plan that nobody can have written is never handed on as one that can act (test/seinode/read/readers.test.ts);
 * - of two nodes that import one claim exactly one has more right (test/seinode/read/claim-rival.test.ts).
 */
export { claimsOf, contentionOf, type Rival, rivalOf } from "./claim-rival.ts";
export { readHome } from "./home.ts";
export {
  claimFault,
  type ImportedClaim,
  type ImportedVolume,
  type ImportFault,
  type ImportWish,
  readImportedClaim,
  readImportedVolume,
  volumeFault,
} from "./imported-claim.ts";
export { hasImagesAsMade } from "./made-images.ts";
export { readClaim } from "./read-claim.ts";
export { readHistory } from "./read-history.ts";
export { readJob } from "./read-job.ts";
export { type OwnedMetadata, readMetadata } from "./read-metadata.ts";
export { readNode } from "./read-node.ts";
export { readPod } from "./read-pod.ts";
export { readService } from "./read-service.ts";
export { readSpec, type SpecReading, UNSUPPORTED_FIELDS, unsupportedField } from "./read-spec.ts";
export { readStatefulSet } from "./read-stateful-set.ts";
export { rewrittenBy } from "./template-images.ts";
