/**
 * `spec` of a SeiNode once it is read: its type, its grammar, and what follows from it.
 *
 * Invariants:
 * - a spec that asks for what is not served is told by the path of its field (test/seinode/read/read-spec.test.ts).
 */
export { type Bootstrap, bootstrapOf, ceremonyOf, snapshotOf } from "./bootstrap.ts";
export { cutSpec, isLargerThan, MAX_SPEC_BYTES } from "./cut-spec.ts";
export {
  CHAIN_ID,
  DNS_LABEL,
  DNS_SUBDOMAIN,
  HOST_PORT,
  isImageReference,
  isLabelKey,
  LABEL_VALUE,
  QUANTITY,
} from "./grammar.ts";
export { initFields } from "./init-fields.ts";
export { isChosen, type LabelSource, peerSources } from "./peers.ts";
export { compareQuantities } from "./quantity.ts";
export {
  child,
  type Field,
  flag,
  isGiven,
  isGivenObject,
  items,
  optionalInteger,
  optionalText,
  refuse,
  requiredInteger,
  requiredText,
  showValue,
  textMap,
} from "./spec-field.ts";
export {
  DEFAULT_SIDECAR_PORT,
  type Entrypoint,
  type GenesisCeremony,
  type Mode,
  MODES,
  PEER_KINDS,
  type PeerSource,
  type SeiNodeSpec,
  type SidecarSpec,
  type Snapshot,
  type SnapshotGeneration,
} from "./spec.ts";
