/** The data volume of a node. */
import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { type AsJson, type JsonObject } from "../../base/index.ts";
import type { SeiNode } from "../../model/index.ts";
import { claimName } from "./names.ts";
import { ownedMetadata } from "./owned-metadata.ts";
import type { Platform, RoleInputs } from "../platform/index.ts";
import type { SeiNodeSpec } from "../spec/index.ts";

/** The claim to create; null when the spec imports one, which is never created or changed. */
export function claim(node: SeiNode, spec: SeiNodeSpec, platform: Platform): JsonObject | null {
  if (spec.importedClaim !== null) return null;
  const { storageClass, size } = platformOf(spec, platform);
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: ownedMetadata(node, spec, claimName(node.metadata.name)),
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size } },
      ...(storageClass === null ? {} : { storageClassName: storageClass }),
    },
  } satisfies AsJson<V1PersistentVolumeClaim>;
}

/** The platform's inputs for the mode of this node. */
export function platformOf({ mode }: SeiNodeSpec, { roles }: Platform): RoleInputs {
  return mode.kind === "fullNode" ? roles.node : roles[mode.kind];
}
