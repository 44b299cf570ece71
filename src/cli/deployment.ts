/** The manifests of Namespace and Deployment, and the sizes and names that they set. */
import type { V1Deployment, V1Namespace, V1PodSpec } from "@kubernetes/client-node";
import { type AsJson, type JsonObject } from "../base/index.ts";
import { PLATFORM_CONFIG_MAP, PLATFORM_KEY, PLATFORM_PATH_ENV } from "../controller/index.ts";

/** Where and what to run. */
export interface DeploymentOptions {
  readonly namespace: string;
  readonly image: string;
  readonly shards: number;
}

/** How much memory the runtime's garbage collector may think there is, in bytes. */
export const HEAP_ENV = "BUN_JSC_forceRAMSize";
/** What the Pod asks for, in MiB. */
export const MEMORY_MIB = 128;
const PLATFORM_FOLDER = "/etc/tidekeeper";
const LABELS = { "app.kubernetes.io/name": "tidekeeper" };

/** The namespace, for clusters that enforce Pod security by label. */
export function namespaceManifest(namespace: string): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  } satisfies AsJson<V1Namespace>;
}

/** The controller and its standby, or two that share the shards, as the `restricted` Pod security standard wants them. */
export function deploymentManifest({ namespace, image, shards }: DeploymentOptions): JsonObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "tidekeeper", namespace, labels: LABELS },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: podSpec({ namespace, image, shards }) },
    },
  } satisfies AsJson<V1Deployment>;
}

function podSpec({ namespace, image, shards }: DeploymentOptions) {
  const args = ["run", `--leader-elect-namespace=${namespace}`];
  return {
    serviceAccountName: "tidekeeper",
    terminationGracePeriodSeconds: 20,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumes: [
      // Optional: without the ConfigMap the folder is empty, and the missing file is an empty one.
      { name: "platform", configMap: { name: PLATFORM_CONFIG_MAP, optional: true } },
    ],
    containers: [
      {
        name: "tidekeeper",
        image,
        args: shards === 1 ? args : [...args, `--shards=${shards}`],
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
        volumeMounts: [{ name: "platform", mountPath: PLATFORM_FOLDER, readOnly: true }],
        ports: [
          { name: "health", containerPort: 8081 },
          { name: "metrics", containerPort: 8080 },
        ],
        livenessProbe: { httpGet: { path: "/livez", port: "health" }, periodSeconds: 20, timeoutSeconds: 5 },
        readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 5, timeoutSeconds: 5 },
        resources: { requests: { cpu: "100m", memory: `${MEMORY_MIB}Mi` }, limits: { memory: "512Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  } satisfies AsJson<V1PodSpec>;
}
