/**
 * The Kubernetes objects that a node owns, built from its spec.
 *
 * Invariants:
 * - no field of a SeiNode is ever read as shell (test/seinode/objects/scripts.test.ts);
 * - system labels win over the spec's, and only `sei.io/node` selects (test/seinode/objects/objects.test.ts).
 */
export { bootstrapJob } from "./bootstrap-job.ts";
export { bootstrapService } from "./bootstrap-service.ts";
export { claim, platformOf } from "./claim.ts";
export { bootstrapJobName, claimName, podDnsName, podName, serviceName, statefulSetName } from "./names.ts";
export { sidecarImage } from "./pod-spec.ts";
export { DATA_DIR } from "./scripts.ts";
export { service, serviceLists } from "./service.ts";
export { setLists, statefulSet, TO_ON_DELETE } from "./stateful-set.ts";
