/** The Service of a bootstrap Job: the node's DNS name, before the node has a Service of its own. */
import type { V1Service } from "@kubernetes/client-node";
import { type AsJson, type JsonObject } from "../../base/index.ts";
import type { SeiNode } from "../../model/index.ts";
import { bootstrapLabels, bootstrapMetadata } from "./bootstrap-metadata.ts";
import { serviceName } from "./names.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** The Service to create. Headless, and it answers before the Pod is Ready, since that is when the sidecar is needed. */
export function bootstrapService(node: SeiNode, { sidecar }: SeiNodeSpec): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: bootstrapMetadata(node, serviceName(node.metadata.name)),
    spec: {
      clusterIP: "None",
      selector: bootstrapLabels(node),
      publishNotReadyAddresses: true,
      ports: [{ name: "sidecar", port: sidecar.port, targetPort: sidecar.port, protocol: "TCP" }],
    },
  } satisfies AsJson<V1Service>;
}
