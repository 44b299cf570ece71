import type { JsonObject } from "../core/json.ts";

/** Where and what to run. */
export interface DeploymentOptions {
  readonly namespace: string;
  readonly image: string;
  readonly shards: number;
}

const LABELS = { "app.kubernetes.io/name": "tidekeeper" };

/** The namespace, for clusters that enforce Pod security by label. */
export function namespaceManifest(namespace: string): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
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
      template: { metadata: { labels: LABELS }, spec: podSpec(image, shards) },
    },
  };
}

function podSpec(image: string, shards: number): JsonObject {
  return {
    serviceAccountName: "tidekeeper",
    terminationGracePeriodSeconds: 20,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "tidekeeper",
        image,
        args: shards === 1 ? ["run"] : ["run", `--shards=${shards}`],
        // The identity in the Lease and the namespace it stands in.
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
          { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
        ],
        ports: [
          { name: "health", containerPort: 8081 },
          { name: "metrics", containerPort: 8080 },
        ],
        livenessProbe: { httpGet: { path: "/livez", port: "health" }, periodSeconds: 20, timeoutSeconds: 5 },
        readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 5, timeoutSeconds: 5 },
        resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}
