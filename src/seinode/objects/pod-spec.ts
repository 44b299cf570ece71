/** What the Pods of a node have in common: the StatefulSet's, and that of the bootstrap Job. */
import type { V1Container, V1EnvVar, V1PodSpec, V1Probe, V1VolumeMount } from "@kubernetes/client-node";
import type { AsJson } from "../../base/index.ts";
import { type SeiNode, SIDECAR_CONTAINER, SIDECAR_PORT_NAME } from "../../model/index.ts";
import { platformOf } from "./claim.ts";
import { claimName } from "./names.ts";
import type { Platform } from "../platform/index.ts";
import { DATA_DIR, INIT_SCRIPT } from "./scripts.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** What differs: the image that lays out the home, and the container of `seid`. */
export interface PodSpecOptions {
  readonly spec: SeiNodeSpec;
  readonly platform: Platform;
  readonly image: string;
  readonly seid: AsJson<V1Container>;
}

/** The data volume, the layout of the home, the sidecar with the gate, and `seid` behind it. */
export function podSpec(node: SeiNode, { spec, platform, image, seid }: PodSpecOptions): AsJson<V1PodSpec> {
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
    initContainers: [seidInit(spec, image), sidecar(spec, platform)],
    containers: [seid],
  };
}

/** Image of the sidecar of this node. */
export function sidecarImage(spec: SeiNodeSpec, platform: Platform): string {
  return spec.sidecar.image ?? platform.sidecarImage;
}

function scheduling(spec: SeiNodeSpec, platform: Platform): AsJson<Pick<V1PodSpec, "affinity" | "tolerations">> {
  const { pool, tolerationKey } = platformOf(spec, platform);
  if (pool === null) return {};
  const matchExpressions = [{ key: "karpenter.sh/nodepool", operator: "In", values: [pool] }];
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  if (tolerationKey === null) return { affinity };
  return { affinity, tolerations: [{ key: tolerationKey, value: pool, effect: "NoSchedule" }] };
}

function seidInit(spec: SeiNodeSpec, image: string): AsJson<V1Container> {
  return {
    name: "seid-init",
    image,
    command: ["/bin/sh", "-c"],
    args: [INIT_SCRIPT, "seid-init", spec.chainId, DATA_DIR],
    volumeMounts: MOUNTS,
  };
}

/** A native sidecar: restarts on its own, and its readiness counts for the Pod's. */
function sidecar(spec: SeiNodeSpec, platform: Platform): AsJson<V1Container> {
  const { port, resources } = spec.sidecar;
  return {
    name: SIDECAR_CONTAINER,
    image: sidecarImage(spec, platform),
    restartPolicy: "Always",
    command: ["seictl", "serve"],
    ports: [{ name: SIDECAR_PORT_NAME, containerPort: port, protocol: "TCP" }],
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

/** Requests of `seid`, as the platform has them for the mode of this node. */
export function requests(spec: SeiNodeSpec, platform: Platform): AsJson<Pick<V1Container, "resources">> {
  const { cpu, memory } = platformOf(spec, platform);
  if (cpu === null && memory === null) return {};
  return { resources: { requests: { ...(cpu === null ? {} : { cpu }), ...(memory === null ? {} : { memory }) } } };
}

/** A probe over HTTP. */
export function httpGet(path: string, port: number): AsJson<Pick<V1Probe, "httpGet">> {
  return { httpGet: { path, port } };
}

/** Environment of `seid`: its temporary files go to the data volume. */
export const SEID_ENV: AsJson<V1EnvVar[]> = [{ name: "TMPDIR", value: `${DATA_DIR}/tmp` }];
const DATA_VOLUME = "data";
/** Where containers mount the data volume. */
export const MOUNTS: AsJson<V1VolumeMount[]> = [{ name: DATA_VOLUME, mountPath: DATA_DIR }];
