/** Starts what a Pod of the cluster says, as its kubelet would: kwok runs no program. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { takenAs } from "./taken-as.ts";

/** As much of a Pod as is played. */
interface PlayedPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly {
      readonly args: readonly string[];
      readonly env: readonly {
        readonly name: string;
        readonly value?: string;
        readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
      }[];
      readonly resources: { readonly requests: { readonly memory: string } };
    }[];
  };
  readonly status?: { readonly phase?: string };
}

/** What a Pod runs, ready to be started on this machine. */
export interface PodProgram {
  readonly pod: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The first running Pod with this label, and what its container is started with; ServiceAccount and API server by a kubeconfig. */
export async function podProgram(cluster: Cluster, namespace: string, name: string): Promise<PodProgram> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io/name%3D${name}`;
  const pod = await eventually("a Pod of the Deployment to run", async () => {
    const pods = await cluster.api.list<PlayedPod>(path);
    return pods.find(({ status }) => status?.phase === "Running") ?? null;
  });
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error(`${pod.metadata.name}: it has no container`);
  const env = container.env.map((one) => [one.name, one.value ?? fieldOf(pod, one.valueFrom?.fieldRef?.fieldPath)]);
  const kubeconfig = await kubeconfigOf(cluster, pod);
  return {
    pod: pod.metadata.name,
    args: container.args,
    env: { ...Object.fromEntries(env), BUN_JSC_forceRAMSize: String(128 * 2 ** 20), KUBECONFIG: kubeconfig },
  };
}

function fieldOf({ metadata }: PlayedPod, path = ""): string {
  return (
    { "metadata.name": metadata.name, "metadata.uid": metadata.uid, "metadata.namespace": metadata.namespace }[path] ??
    ""
  );
}

/** A token for the Pod's ServiceAccount, bound to the Pod, as one is mounted into it. */
async function kubeconfigOf(cluster: Cluster, { metadata, spec }: PlayedPod): Promise<string> {
  const { namespace, name, uid } = metadata;
  const at = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}/token`;
  const reply = await cluster.api.request("POST", at, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600, boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid } },
  });
  const { token } = takenAs<{ status: { token: string } }>(reply.json).status;
  const admin = takenAs<{ clusters: unknown[] }>(JSON.parse(readFileSync(cluster.kubeconfigPath, "utf8")));
  const folder = join(cluster.dir, "played");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: admin.clusters,
    users: [{ name: "pod", user: { token } }],
    contexts: [{ name: "pod", context: { cluster: "test", user: "pod", namespace } }],
    "current-context": "pod",
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
