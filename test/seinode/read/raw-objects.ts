/** Raw API objects for the tests of the readers. */
import { taskId } from "../../../src/model/index.ts";

export const PLAN_ID = "00000000-0000-4000-8000-000000000000";

/** A raw SeiNode with this status. */
export function rawNode(status: object = {}, spec: object = {}): Record<string, unknown> {
  const metadata = { namespace: "chain", name: "rpc-1", uid: "node-uid", resourceVersion: "7", generation: 3 };
  return { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", metadata, spec, status };
}

/** A raw Active plan of these task types. */
export function rawPlan(...types: string[]): Record<string, unknown> {
  const tasks = types.map((type, index) => ({ type, id: taskId(PLAN_ID, type, index), status: "Pending", params: {} }));
  return { id: PLAN_ID, phase: "Active", tasks };
}

/** A raw Pod of the node rpc-1, as kubelet reports one that runs. */
export function rawPod(): Record<string, unknown> {
  return {
    metadata: {
      namespace: "chain",
      name: "rpc-1-0",
      uid: "pod-uid",
      resourceVersion: "9",
      generation: 1,
      creationTimestamp: "2026-01-02T03:04:00Z",
      labels: { "sei.io/node": "rpc-1", "controller-revision-hash": "rpc-1-abc" },
      ownerReferences: [
        { kind: "Other", uid: "no" },
        { kind: "StatefulSet", name: "rpc-1", uid: "sts-uid", controller: true },
      ],
    },
    spec: {
      initContainers: [
        { name: "seid-init", image: "sei:1" },
        {
          name: "sei-sidecar",
          image: "seictl:1",
          restartPolicy: "Always",
          ports: [
            { name: "other", containerPort: 1 },
            { name: "sidecar", containerPort: 7778 },
          ],
        },
      ],
      containers: [{ name: "seid", image: "sei:1", volumeMounts: [{ name: "data", mountPath: "/sei" }] }],
      volumes: [
        { name: "data", persistentVolumeClaim: { claimName: "data-rpc-1" } },
        { name: "tmp", emptyDir: {} },
      ],
    },
    status: {
      phase: "Running",
      podIP: "10.0.0.7",
      conditions: [{ type: "Ready", status: "False" }],
      initContainerStatuses: [
        { name: "seid-init", state: { terminated: { reason: "Completed" } }, containerID: "c://0", restartCount: 0 },
        { name: "sei-sidecar", state: { running: {} }, containerID: "c://1", restartCount: 2, ready: false },
      ],
      containerStatuses: [
        { name: "seid", state: { waiting: { reason: "ImagePullBackOff" } }, restartCount: 0, ready: false },
      ],
    },
  };
}
