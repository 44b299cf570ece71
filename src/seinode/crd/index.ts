/**
 * The CustomResourceDefinition and the permissions that must stand in a cluster.
 *
 * Invariants:
 * - the types of spec and status are those of the schema, and no field of status is written that it does not keep
 *   (`crd-status.ts` at compile time, test/seinode/crd/crd.test.ts);
 * - what the CRD lets in comes back whole, and every rule of it refuses by name (test/cluster/crd.test.ts);
 * - the permissions are enough and no more (test/cluster/seinode.test.ts).
 */
export { type SpecOnWire, specSchema } from "./crd-spec.ts";
export { seiNodeCrd } from "./crd.ts";
export { manifests } from "./manifests.ts";
export {
  EVENTS,
  LEASE_NAME,
  leaseRules,
  type NamedRule,
  nodeRules,
  REFERENCE_LEASE_NAME,
  rivalRules,
  shardLeaseName,
  VOLUMES,
} from "./rbac.ts";
