/** The provisioner that kwok has not: a volume of its own for every claim that waits for one. */
import type { AdminApi, KubeObject } from "./admin-api.ts";
import { follow } from "./follow.ts";

interface Claim extends KubeObject {
  readonly spec: {
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: { readonly storage?: string } };
    readonly storageClassName?: string;
    readonly volumeName?: string;
  };
  readonly status?: { readonly phase?: string };
}

/** The default class: bound at once, so that no test waits for a scheduler. */
export const storageClass: KubeObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "test.tidekeeper.sei.io/volumes",
  volumeBindingMode: "Immediate",
};

/** Serves claims of any class until the process ends; `told` gets every claim, so that records can follow its UID. */
export async function serveVolumes(api: AdminApi, told: (claim: KubeObject, gone: boolean) => void): Promise<never> {
  const asked = new Set<string>();
  return follow<Claim>(api, "/api/v1/persistentvolumeclaims", (claim, gone) => {
    told(claim, gone);
    const uid = claim.metadata.uid ?? "";
    const path = `/api/v1/persistentvolumes/pvc-${uid}`;
    if (gone) {
      void api.remove(path).catch(complain);
    } else if (claim.status?.phase === "Pending" && claim.spec.volumeName === undefined && !asked.has(uid)) {
      asked.add(uid);
      void api.apply(volumeFor(claim)).catch((error: unknown) => {
        asked.delete(uid);
        complain(error);
      });
    }
  });
}

function volumeFor(claim: Claim): KubeObject {
  const { name, namespace, uid } = claim.metadata;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${uid ?? ""}` },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage ?? "1Gi" },
      accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
      storageClassName: claim.spec.storageClassName ?? "",
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path: `/no-such-volume/${uid ?? ""}` },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
    },
  };
}

function complain(error: unknown): void {
  console.error(`volumes: ${String(error)}`);
}
