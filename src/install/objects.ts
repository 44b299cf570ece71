/** Every object of an install, in the order in which they are to be applied. */
import type { JsonObject } from "../base/index.ts";
import { manifests } from "../seinode/crd/index.ts";
import { prometheusRule } from "./alert-rules.ts";
import { disruptionBudget, metricsService, monitor, networkPolicy } from "./around-pods.ts";
import { dashboardConfigMap } from "./dashboard.ts";
import { deploymentManifest, PLUGINS_CONFIG_MAP } from "./deployment.ts";
import { labelled, labelsOf } from "./labels.ts";
import { type InstallOptions, type Part, watched } from "./options.ts";

const CRD = "CustomResourceDefinition";

/** All of it: the namespace first, the Deployment last. */
export function installObjects(options: InstallOptions): readonly JsonObject[] {
  const labels = labelsOf(options);
  // The CRD is everybody's; it has no label of one install.
  return unlabelled(options).map((object) => (object["kind"] === CRD ? object : labelled(object, labels)));
}

function unlabelled(options: InstallOptions): readonly JsonObject[] {
  const { namespace, plugins } = options;
  const of = (part: Part, object: () => JsonObject): readonly JsonObject[] =>
    options.parts.includes(part) ? [object()] : [];
  return [
    ...of("namespace", () => namespaceManifest(namespace)),
    ...permissions(options),
    ...(Object.keys(plugins).length === 0 ? [] : [pluginsConfigMap(options)]),
    ...of("metrics-service", () => metricsService(namespace)),
    ...of("network-policy", () => networkPolicy(namespace)),
    ...of("pod-disruption-budget", () => disruptionBudget(namespace)),
    ...of("service-monitor", () => monitor("ServiceMonitor", namespace)),
    ...of("pod-monitor", () => monitor("PodMonitor", namespace)),
    ...of("prometheus-rule", () => prometheusRule(namespace)),
    ...of("dashboard", () => dashboardConfigMap(namespace)),
    deploymentManifest(options),
  ];
}

/** The CRD and the RBAC, where they are asked for; the ServiceAccount in any case. */
function permissions(options: InstallOptions): readonly JsonObject[] {
  const { namespace, rules, shards, scope, parts } = options;
  const roleIn = scope === "namespace" ? watched(options) : null;
  return manifests({ namespace, rules, shards, roleIn }).filter(({ kind }) => {
    if (kind === CRD) return parts.includes("crd");
    return kind === "ServiceAccount" || parts.includes("rbac");
  });
}

/** The namespace, for clusters that enforce Pod security by label. */
function namespaceManifest(namespace: string): JsonObject {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
}

function pluginsConfigMap({ namespace, plugins }: InstallOptions): JsonObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: PLUGINS_CONFIG_MAP, namespace },
    data: { ...plugins },
  };
}
