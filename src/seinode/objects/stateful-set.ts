/** The StatefulSet of a node: one Pod of `seid` behind the gate of its sidecar. */
import type { V1Container, V1StatefulSet } from "@kubernetes/client-node";
import { type AsJson, type JsonObject, objectAt } from "../../base/index.ts";
import { DO_NOT_DISRUPT_ANNOTATION, NODE_LABEL, SEID_CONTAINER, type SeiNode } from "../../model/index.ts";
import { serviceName, statefulSetName } from "./names.ts";
import { ownedLabels, ownedMetadata } from "./owned-metadata.ts";
import type { Platform } from "../platform/index.ts";
import { RPC_PORT, SEID_PORTS } from "./ports.ts";
import { httpGet, MOUNTS, podSpec, requests, SEID_ENV } from "./pod-spec.ts";
import { DATA_DIR, WAIT_SCRIPT } from "./scripts.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** The StatefulSet to apply. */
export function statefulSet(node: SeiNode, spec: SeiNodeSpec, platform: Platform): JsonObject {
  const { name } = node.metadata;
  const annotations = { [DO_NOT_DISRUPT_ANNOTATION]: "true" };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: ownedMetadata(node, spec, statefulSetName(name)),
    spec: {
      replicas: spec.paused ? 0 : 1,
      serviceName: serviceName(name),
      selector: { matchLabels: { [NODE_LABEL]: name } },
      // With RollingUpdate a Pod that is not Ready, which is what a shut gate makes it, blocks its own replacement.
      updateStrategy: { type: "OnDelete" },
      template: {
        metadata: { labels: ownedLabels(node, spec), annotations },
        spec: podSpec(node, { spec, platform, image: spec.image, seid: seid(spec, platform) }),
      },
    },
  } satisfies AsJson<V1StatefulSet>;
}

/**
 * Merge patch that turns an existing set to OnDelete, for the one that the reference left with RollingUpdate:
 * defaults stand there that no manager owns, so server-side apply cannot remove them, and OnDelete beside
 * them is refused (422 at `spec.updateStrategy.rollingUpdate`; tried, null in an apply too). Changes no template,
 * so it comes before anything that does.
 */
export const TO_ON_DELETE: JsonObject = { spec: { updateStrategy: { type: "OnDelete", rollingUpdate: null } } };

/** Merge patch that leaves our items alone in the lists of a set. */
export function setLists(set: JsonObject): JsonObject {
  const pod = objectAt(objectAt(objectAt(set, "spec"), "template"), "spec");
  const { volumes = [], initContainers = [], containers = [] } = pod;
  return { spec: { template: { spec: { volumes, initContainers, containers } } } };
}

function seid(spec: SeiNodeSpec, platform: Platform) {
  const { port } = spec.sidecar;
  const own = spec.entrypoint ?? { command: ["seid"], args: ["start", "--home", DATA_DIR] };
  return {
    name: SEID_CONTAINER,
    image: spec.image,
    command: ["/bin/bash", "-c"],
    args: [WAIT_SCRIPT, "wait-for-sidecar", String(port), ...own.command, ...own.args],
    env: SEID_ENV,
    ports: SEID_PORTS.map((item) => ({ name: item.name, containerPort: item.port, protocol: "TCP" })),
    volumeMounts: MOUNTS,
    ...requests(spec, platform),
    // Five days: a snapshot may take that long, and until the gate opens nothing is wrong.
    startupProbe: {
      ...httpGet("/v0/healthz", port),
      initialDelaySeconds: 5,
      periodSeconds: 5,
      failureThreshold: 86_400,
    },
    readinessProbe: {
      ...httpGet("/lag_status", RPC_PORT),
      initialDelaySeconds: 30,
      periodSeconds: 10,
      failureThreshold: 3,
      timeoutSeconds: 5,
    },
  } satisfies AsJson<V1Container>;
}
