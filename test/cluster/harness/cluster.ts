/** The cluster that `scripts/cluster.sh run` started around these tests. */
import { randomBytes } from "node:crypto";
import { type AdminApi, adminApi, type KubeObject } from "./admin-api.ts";
import { type AuditLog, auditLog } from "./audit-log.ts";
import { type SidecarControl, sidecarControl } from "./sidecar-control.ts";

/** A real API server with its controllers, scheduler and kwok. */
export interface Cluster {
  /** Folder of this run: `audit.log`, `logs/`, `certs/`. */
  readonly dir: string;
  /** Administrator: private CA, client certificate. */
  readonly kubeconfigPath: string;
  readonly server: string;
  readonly api: AdminApi;
  readonly audit: AuditLog;
  readonly sidecars: SidecarControl;
  /** A fresh namespace; `describeCluster` deletes it after its last test. */
  readonly namespace: (prefix?: string) => Promise<string>;
  /** Deletes the namespaces given out so far, without waiting for the end of it. */
  readonly cleanUp: () => Promise<void>;
  /** A Kubernetes node that kwok keeps; one named `kwok` is there from the start. */
  readonly createNode: (name: string, labels?: Readonly<Record<string, string>>) => Promise<KubeObject>;
}

/** Folder of the running test cluster; null when there is none. */
export function clusterFolder(): string | null {
  return process.env["TIDEKEEPER_TEST_CLUSTER"] ?? null;
}

/** The cluster these tests run beside. Nothing is read until it is used, so that a skipped test may name it. */
export function cluster(): Cluster {
  const dir = clusterFolder() ?? "/no-test-cluster";
  const kubeconfigPath = `${dir}/kubeconfig`;
  const api = adminApi(kubeconfigPath);
  const given: string[] = [];
  return {
    dir,
    kubeconfigPath,
    server: "https://127.0.0.1:6443",
    api,
    audit: auditLog(`${dir}/audit.log`),
    sidecars: sidecarControl,
    namespace: async (prefix = "test") => {
      const name = `${prefix}-${randomBytes(4).toString("hex")}`;
      await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
      given.push(name);
      return name;
    },
    cleanUp: async () => {
      for (const name of given.splice(0)) {
        await letNodesGo(api, name);
        await api.remove(`/api/v1/namespaces/${name}`);
      }
    },
    createNode: (name, labels = {}) =>
      api.apply({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
      }),
  };
}

/** The controllers are gone by now, and nobody else takes a SeiNode's finalizer away: the CRD could not be deleted. */
async function letNodesGo(api: AdminApi, namespace: string): Promise<void> {
  const path = `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`;
  const nodes = await api.get<{ items: readonly KubeObject[] }>(path);
  const held = (nodes?.items ?? []).filter(({ metadata }) => (metadata.finalizers ?? []).length > 0);
  const line = held.values();
  const letGo = async (): Promise<void> => {
    for (const { metadata } of line) {
      const patch = { metadata: { finalizers: null } };
      await api.request("PATCH", `${path}/${metadata.name}`, patch, "application/merge-patch+json");
    }
  };
  await Promise.all(Array.from({ length: 32 }, letGo));
}
