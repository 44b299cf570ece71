/** What a test does to Pods that neither kwok nor the StatefulSet controller does. */
import type { AdminApi, KubeObject } from "./admin-api.ts";

/** Status of one container. */
export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state: Readonly<Record<string, { readonly reason?: string }>>;
}

/** A Pod as the tests read it. */
export interface Pod extends KubeObject {
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** The path of a Pod. */
export function podPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** Ends seid of a Pod with this code, and the Pod with it; kwok does that for the annotation. */
export async function endPod(api: AdminApi, pod: KubeObject, exitCode: number): Promise<void> {
  const { namespace = "", name, uid } = pod.metadata;
  const annotations = { "test.tidekeeper.sei.io/exit-code": String(exitCode) };
  await api.patch(podPath(namespace, name), { metadata: { uid, annotations } });
}

/** Makes a Pod Ready, or not, as a kubelet would after its probes; kwok leaves that alone. */
export async function setPodReady(api: AdminApi, path: string, ready: boolean): Promise<void> {
  const status = ready ? "True" : "False";
  const lastTransitionTime = new Date().toISOString();
  await patchStatus(api, path, {
    conditions: ["Ready", "ContainersReady"].map((type) => ({ type, status, lastTransitionTime })),
  });
}

/** Ends the sidecar's container and starts the next: same Pod, same records, empty memory. */
export async function restartSidecar(api: AdminApi, path: string): Promise<void> {
  const pod = await api.get<Pod>(path);
  const restarted = (pod?.status.initContainerStatuses ?? []).map((one) =>
    one.name === "sei-sidecar"
      ? { ...one, restartCount: one.restartCount + 1, containerID: `kwok://${crypto.randomUUID()}` }
      : one,
  );
  await patchStatus(api, path, { initContainerStatuses: restarted });
}

async function patchStatus(api: AdminApi, path: string, status: unknown): Promise<void> {
  const reply = await api.request("PATCH", `${path}/status`, { status }, "application/strategic-merge-patch+json");
  if (reply.status >= 300) throw new Error(`PATCH ${path}/status: ${reply.status}: ${reply.text}`);
}
