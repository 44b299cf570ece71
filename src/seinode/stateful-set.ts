/** The StatefulSet of a node: one Pod of `seid` behind the gate of its sidecar. */
import type { JsonObject } from "../core/json.ts";
import type { SeiNode } from "../core/node.ts";
import { platformOf } from "./claim.ts";
import { DO_NOT_DISRUPT_ANNOTATION, NODE_LABEL, SEID_CONTAINER, SIDECAR_CONTAINER } from "./labels.ts";
import { claimName, serviceName, statefulSetName } from "./names.ts";
import { ownedLabels, ownedMetadata } from "./owned-metadata.ts";
import type { Platform } from "./platform.ts";
import { RPC_PORT, SEID_PORTS } from "./ports.ts";
import { DATA_DIR, INIT_SCRIPT, WAIT_SCRIPT } from "./scripts.ts";
import type { SeiNodeSpec } from "./spec.ts";

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
        spec: podSpec(node, spec, platform),
      },
    },
  };
}

/**
 * Merge patch that turns an existing set to OnDelete, for the one that the reference left with RollingUpdate:
 * defaults stand there that no manager owns, so server-side apply cannot remove them, and OnDelete beside
 * them is refused (422 at `spec.updateStrategy.rollingUpdate`; tried, null in an apply too). Changes no template.
 */
export const TO_ON_DELETE: JsonObject = { spec: { updateStrategy: { type: "OnDelete", rollingUpdate: null } } };

/** Image of the sidecar of this node. */
export function sidecarImage(spec: SeiNodeSpec, platform: Platform): string {
  return spec.sidecar.image ?? platform.sidecarImage;
}

function podSpec(node: SeiNode, spec: SeiNodeSpec, platform: Platform): JsonObject {
  return {
    ...(platform.serviceAccount === null ? {} : { serviceAccountName: platform.serviceAccount }),
    shareProcessNamespace: true,
    ...scheduling(spec, platform),
    volumes: [
      {
        name: DATA_VOLUME,
        persistentVolumeClaim: { claimName: claimName(node.metadata.name, spec.importedClaim) },
      },
    ],
    initContainers: [seidInit(spec), sidecar(spec, platform)],
    containers: [seid(spec, platform)],
  };
}

function scheduling(spec: SeiNodeSpec, platform: Platform): JsonObject {
  const { pool, tolerationKey } = platformOf(spec, platform);
  if (pool === null) return {};
  const matchExpressions = [{ key: "karpenter.sh/nodepool", operator: "In", values: [pool] }];
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  if (tolerationKey === null) return { affinity };
  return { affinity, tolerations: [{ key: tolerationKey, value: pool, effect: "NoSchedule" }] };
}

function seidInit(spec: SeiNodeSpec): JsonObject {
  return {
    name: "seid-init",
    image: spec.image,
    command: ["/bin/sh", "-c"],
    args: [INIT_SCRIPT, "seid-init", spec.chainId, DATA_DIR],
    volumeMounts: MOUNTS,
  };
}

/** A native sidecar: restarts on its own, and its readiness counts for the Pod's. */
function sidecar(spec: SeiNodeSpec, platform: Platform): JsonObject {
  const { port, resources } = spec.sidecar;
  return {
    name: SIDECAR_CONTAINER,
    image: sidecarImage(spec, platform),
    restartPolicy: "Always",
    command: ["seictl", "serve"],
    ports: [{ name: "sidecar", containerPort: port, protocol: "TCP" }],
    env: [
      { name: "SEI_CHAIN_ID", value: spec.chainId },
      { name: "SEI_SIDECAR_PORT", value: String(port) },
      { name: "SEI_HOME", value: DATA_DIR },
      { name: "SEI_GENESIS_BUCKET", value: platform.genesis.bucket },
      { name: "SEI_GENESIS_REGION", value: platform.genesis.region },
      { name: "SEI_SNAPSHOT_BUCKET", value: platform.snapshot.bucket },
      { name: "SEI_SNAPSHOT_REGION", value: platform.snapshot.region },
    ],
    volumeMounts: MOUNTS,
    ...(resources === null ? {} : { resources }),
    livenessProbe: { ...httpGet("/v0/livez", port), initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...httpGet("/v0/healthz", port), initialDelaySeconds: 2, periodSeconds: 5, failureThreshold: 6 },
  };
}

function seid(spec: SeiNodeSpec, platform: Platform): JsonObject {
  const { port } = spec.sidecar;
  const own = spec.entrypoint ?? { command: ["seid"], args: ["start", "--home", DATA_DIR] };
  return {
    name: SEID_CONTAINER,
    image: spec.image,
    command: ["/bin/bash", "-c"],
    args: [WAIT_SCRIPT, "wait-for-sidecar", String(port), ...own.command, ...own.args],
    env: [{ name: "TMPDIR", value: `${DATA_DIR}/tmp` }],
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
  };
}

function requests(spec: SeiNodeSpec, platform: Platform): JsonObject {
  const { cpu, memory } = platformOf(spec, platform);
  if (cpu === null && memory === null) return {};
  return { resources: { requests: { ...(cpu === null ? {} : { cpu }), ...(memory === null ? {} : { memory }) } } };
}

function httpGet(path: string, port: number): JsonObject {
  return { httpGet: { path, port } };
}

const DATA_VOLUME = "data";
const MOUNTS = [{ name: DATA_VOLUME, mountPath: DATA_DIR }];
