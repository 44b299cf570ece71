/** The headless Service of a node. */
import type { JsonObject } from "../core/json.ts";
import type { SeiNode } from "../core/node.ts";
import { NODE_LABEL } from "./labels.ts";
import { serviceName } from "./names.ts";
import { ownedMetadata } from "./owned-metadata.ts";
import { SEID_PORTS } from "./ports.ts";
import type { SeiNodeSpec } from "./spec.ts";

/** The Service to apply. Its DNS name answers before the Pod is Ready, since that is when the sidecar is needed. */
export function service(node: SeiNode, spec: SeiNodeSpec): JsonObject {
  const { name } = node.metadata;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: ownedMetadata(node, spec, serviceName(name)),
    spec: {
      clusterIP: "None",
      selector: { [NODE_LABEL]: name },
      publishNotReadyAddresses: true,
      ports: SEID_PORTS.map((port) => ({ ...port, targetPort: port.port, protocol: "TCP" })),
    },
  };
}
