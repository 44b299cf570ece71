/** The Job that catches a node up to the height of its snapshot, with an image of its own, before the node starts. */
import type { V1Container, V1Job } from "@kubernetes/client-node";
import { type AsJson, type JsonObject } from "../../base/index.ts";
import { DO_NOT_DISRUPT_ANNOTATION, SEID_CONTAINER, type SeiNode } from "../../model/index.ts";
import { bootstrapLabels, bootstrapMetadata } from "./bootstrap-metadata.ts";
import { type Bootstrap, bootstrapOf, type SeiNodeSpec } from "../spec/index.ts";
import { bootstrapJobName, podName, serviceName } from "./names.ts";
import type { Platform } from "../platform/index.ts";
import { MOUNTS, podSpec, requests, SEID_ENV } from "./pod-spec.ts";
import { DATA_DIR, HALT_SCRIPT, WAIT_SCRIPT } from "./scripts.ts";

/**
 * The Job to create; null when the spec asks for no bootstrap. Its Pod has the host name of the node's own, so that
 * the sidecar is found under the same name. It is tried once: what a failed try left on the volume is nobody's to guess.
 * It stays until it is deleted: one that went by itself after an hour would be gone unseen when nobody watched that long.
 */
export function bootstrapJob(node: SeiNode, spec: SeiNodeSpec, platform: Platform): JsonObject | null {
  const bootstrap = bootstrapOf(spec);
  if (bootstrap === null) return null;
  const { name } = node.metadata;
  const seid = seidOf(bootstrap, spec, platform);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: bootstrapMetadata(node, bootstrapJobName(name)),
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: bootstrapLabels(node), annotations: { [DO_NOT_DISRUPT_ANNOTATION]: "true" } },
        spec: {
          ...podSpec(node, { spec, platform, image: bootstrap.image, seid }),
          hostname: podName(name),
          subdomain: serviceName(name),
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 120,
        },
      },
    },
  } satisfies AsJson<V1Job>;
}

function seidOf({ image, targetHeight }: Bootstrap, spec: SeiNodeSpec, platform: Platform) {
  const start = ["seid", "start", "--home", DATA_DIR, "--halt-height", String(targetHeight)];
  const halt = ["/bin/bash", "-c", HALT_SCRIPT, "halt-at-height"];
  return {
    name: SEID_CONTAINER,
    image,
    command: ["/bin/bash", "-c"],
    args: [WAIT_SCRIPT, "wait-for-sidecar", String(spec.sidecar.port), ...halt, ...start],
    env: SEID_ENV,
    volumeMounts: MOUNTS,
    ...requests(spec, platform),
  } satisfies AsJson<V1Container>;
}
