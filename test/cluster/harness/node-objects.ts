/** Claim and StatefulSet in the shape of a SeiNode's, for tests that need Pods but not the code that renders them. */
import type { KubeObject } from "./admin-api.ts";

/** What differs between two such nodes. */
export interface NodeObjectsOptions {
  readonly namespace: string;
  readonly name: string;
  /** An image with `never` in its name is never pulled. */
  readonly image?: string;
}

/** In the order they are to be applied. */
export function nodeObjects({ namespace, name, image = "sei:1" }: NodeObjectsOptions): readonly KubeObject[] {
  const labels = { "sei.io/node": name };
  const mounts = [{ name: "data", mountPath: "/sei" }];
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { namespace, name: `data-${name}`, labels },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2000Gi" } } },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { namespace, name, labels },
      spec: {
        replicas: 1,
        serviceName: name,
        selector: { matchLabels: labels },
        updateStrategy: { type: "OnDelete" },
        template: {
          metadata: { labels },
          spec: {
            shareProcessNamespace: true,
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: `data-${name}` } }],
            initContainers: [
              { name: "seid-init", image, command: ["/bin/sh", "-c", "true"], volumeMounts: mounts },
              {
                name: "sei-sidecar",
                image: "sidecar:1",
                restartPolicy: "Always",
                ports: [{ name: "sidecar", containerPort: 7777 }],
                volumeMounts: mounts,
              },
            ],
            containers: [{ name: "seid", image, volumeMounts: mounts }],
          },
        },
      },
    },
  ];
}
