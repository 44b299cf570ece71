/** The controller that binds claims to volumes, held still: what a test writes into their status then stays. */
import { readFileSync } from "node:fs";
import type { AdminApi, KubeObject } from "./admin-api.ts";
import type { Cluster } from "./cluster.ts";

/** Stops the controller manager of this cluster; the result lets it go on. Owner references and Pods stand still too. */
export function holdBinder({ dir }: Cluster): () => void {
  const line = readFileSync(`${dir}/pids`, "utf8")
    .split("\n")
    .find((one) => one.endsWith(" kube-controller-manager"));
  const pid = Number(line?.split(" ")[0]);
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`${dir}/pids names no kube-controller-manager`);
  process.kill(pid, "SIGSTOP");
  return () => void process.kill(pid, "SIGCONT");
}

/** A claim and the volume it names. */
export interface Laid {
  readonly namespace: string;
  /** Of the claim; the volume is named after it. */
  readonly name: string;
  readonly accessModes?: readonly string[];
  readonly size?: string;
  /** Null = the claim names none, and there is none. */
  readonly volumeSize?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Name of the volume of a laid claim. */
export function volumeOf({ namespace, name }: Pick<Laid, "namespace" | "name">): string {
  return `${namespace}-${name}`;
}

/** Makes both as an administrator would who restores a volume by hand; the binder, if it runs, binds them. */
export async function layClaim(api: AdminApi, laid: Laid): Promise<KubeObject> {
  const { namespace, name, accessModes = ["ReadWriteOnce"], size = "10Gi", volumeSize = size, labels = {} } = laid;
  const shared = { accessModes, storageClassName: "" };
  if (volumeSize !== null) {
    await api.apply({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: volumeOf(laid) },
      spec: {
        ...shared,
        capacity: { storage: volumeSize },
        persistentVolumeReclaimPolicy: "Retain",
        hostPath: { path: `/no-such-volume/${volumeOf(laid)}` },
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name },
      },
    });
  }
  return api.apply({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace, name, labels },
    spec: {
      ...shared,
      resources: { requests: { storage: size } },
      ...(volumeSize === null ? {} : { volumeName: volumeOf(laid) }),
    },
  });
}
