/** The headless Service of a node. */
import type { V1Service } from "@kubernetes/client-node";
import { type AsJson, type JsonObject, objectAt } from "../../base/index.ts";
import { NODE_LABEL, type SeiNode } from "../../model/index.ts";
import { serviceName } from "./names.ts";
import { ownedMetadata } from "./owned-metadata.ts";
import { SEID_PORTS } from "./ports.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** The Service to apply. Its DNS name answers before the Pod is Ready, since that is when the sidecar is needed. */
export function service(node: SeiNode, spec: SeiNodeSpec): JsonObject {
  const { name } = node.metadata;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: ownedMetadata(node, spec, serviceName(name)),
    spec: {
      // The default, and said all the same: a type that somebody gives it by hand would stay otherwise.
      type: "ClusterIP",
      clusterIP: "None",
      selector: { [NODE_LABEL]: name },
      publishNotReadyAddresses: true,
      ports: SEID_PORTS.map((port) => ({ ...port, targetPort: port.port, protocol: "TCP" })),
    },
  } satisfies AsJson<V1Service>;
}

/** Merge patch that leaves our items alone in the lists of a Service. */
export function serviceLists(service: JsonObject): JsonObject {
  return { spec: { ports: objectAt(service, "spec")["ports"] ?? [] } };
}
