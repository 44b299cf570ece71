/**
 * What stands in a cluster for the controller to run there: one source for `tidekeeper manifests`, the Helm chart, the
 * kustomize base, the alert rules and the dashboard.
 *
 * Invariants:
 * - chart, kustomize base and `manifests` give the same objects (test/install/roads.test.ts);
 * - alerts and dashboard name only metrics and labels that are exported (test/install/queries.test.ts);
 * - what is applied twice is written once (test/cluster/manifests.test.ts, test/cluster/roads.test.ts).
 */
export { ALERT_RULES, ruleGroups } from "./alert-rules.ts";
export { dashboardText } from "./dashboard.ts";
export { deploymentManifest, HEAP_ENV } from "./deployment.ts";
export { installObjects } from "./objects.ts";
export { type InstallOptions, installOptions, LIMITS, MEMORY_MIB, REQUESTS } from "./options.ts";
