/** The manifest of the Deployment, and the names that it sets. */
import type { JsonObject } from "../base/index.ts";
import { PLATFORM_CONFIG_MAP, PLATFORM_KEY, PLATFORM_PATH_ENV } from "../controller/index.ts";
import { labelsOf, SELECTOR } from "./labels.ts";
import { type InstallOptions, watched } from "./options.ts";

/** The ConfigMap of plugins, a key a file. */
export const PLUGINS_CONFIG_MAP = "tidekeeper-plugins";
/** How much memory the runtime's garbage collector may think there is, in bytes. */
export const HEAP_ENV = "BUN_JSC_forceRAMSize";
const PLATFORM_FOLDER = "/etc/tidekeeper";
const PLUGINS_FOLDER = "/etc/tidekeeper-plugins";

/** The controller and its standby, or some that share the shards, as the `restricted` Pod security standard wants them. */
export function deploymentManifest(options: InstallOptions): JsonObject {
  const { namespace, replicas } = options;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "tidekeeper", namespace },
    spec: {
      replicas,
      selector: { matchLabels: SELECTOR },
      template: { metadata: { labels: labelsOf(options) }, spec: podSpec(options) },
    },
  };
}

/** The arguments of the container. */
function runArguments(options: InstallOptions): readonly string[] {
  const { namespace, shards, mode, logLevel, detectors, plugins, args } = options;
  const own = watched(options);
  return [
    "run",
    `--leader-elect-namespace=${namespace}`,
    ...(own === null ? [] : [`--namespace=${own}`]),
    ...(shards === 1 ? [] : [`--shards=${shards}`]),
    ...(mode === "act" ? [] : [`--mode=${mode}`]),
    ...(logLevel === "info" ? [] : [`--log-level=${logLevel}`]),
    ...(detectors === null ? [] : [`--detectors=${detectors}`]),
    ...(Object.keys(plugins).length === 0 ? [] : [`--plugin=${PLUGINS_FOLDER}`]),
    ...args,
  ];
}

function podSpec(options: InstallOptions): JsonObject {
  const { priorityClass, plugins } = options;
  const hasPlugins = Object.keys(plugins).length > 0;
  return {
    serviceAccountName: "tidekeeper",
    terminationGracePeriodSeconds: 20,
    ...(priorityClass === null ? {} : { priorityClassName: priorityClass }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        // A cluster of one machine is no reason to have no standby.
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: SELECTOR },
      },
    ],
    volumes: [
      // Optional: without the ConfigMap the folder is empty, and the missing file is an empty one.
      { name: "platform", configMap: { name: PLATFORM_CONFIG_MAP, optional: true } },
      ...(hasPlugins ? [{ name: "plugins", configMap: { name: PLUGINS_CONFIG_MAP } }] : []),
    ],
    containers: [container(options, hasPlugins)],
  };
}

function container(options: InstallOptions, hasPlugins: boolean): JsonObject {
  const { image, requests, limits } = options;
  return {
    name: "tidekeeper",
    image,
    args: [...runArguments(options)],
    // The identity in the Lease, and where one is looked for that no flag names.
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      // Not the flag: a file that the flag names must be there.
      { name: PLATFORM_PATH_ENV, value: `${PLATFORM_FOLDER}/${PLATFORM_KEY}` },
      // The runtime takes the whole machine's memory for its own otherwise, and collects garbage accordingly late.
      { name: HEAP_ENV, valueFrom: { resourceFieldRef: { resource: "requests.memory" } } },
    ],
    volumeMounts: [
      { name: "platform", mountPath: PLATFORM_FOLDER, readOnly: true },
      ...(hasPlugins ? [{ name: "plugins", mountPath: PLUGINS_FOLDER, readOnly: true }] : []),
    ],
    ports: [
      { name: "health", containerPort: 8081 },
      { name: "metrics", containerPort: 8080 },
    ],
    livenessProbe: { httpGet: { path: "/livez", port: "health" }, periodSeconds: 20, timeoutSeconds: 5 },
    readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 5, timeoutSeconds: 5 },
    resources: { requests: { ...requests }, limits: { ...limits } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}
