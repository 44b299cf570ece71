/** The objects that are made for a node. */
import { describe, expect, test } from "bun:test";
import { bootstrapJob } from "../../../src/seinode/objects/bootstrap-job.ts";
import { bootstrapService } from "../../../src/seinode/objects/bootstrap-service.ts";
import { claim } from "../../../src/seinode/objects/claim.ts";
import { claimName, podDnsName, podName } from "../../../src/seinode/objects/names.ts";
import { type Platform, readPlatform } from "../../../src/seinode/platform/index.ts";
import { service } from "../../../src/seinode/objects/service.ts";
import { statefulSet } from "../../../src/seinode/objects/stateful-set.ts";
import { fullNode } from "../nodes.ts";

function platform(env: Record<string, string> = {}): Platform {
  const reading = readPlatform(env);
  if (!reading.ok) throw new Error(reading.problems.join("\n"));
  return reading.platform;
}

const owner = {
  apiVersion: "sei.io/v1alpha1",
  kind: "SeiNode",
  name: "rpc-1",
  uid: "node-uid",
  controller: true,
  blockOwnerDeletion: true,
};

test("names follow from the node's", () => {
  expect([podName("rpc-1"), claimName("rpc-1"), claimName("rpc-1", "old")]).toEqual(["rpc-1-0", "data-rpc-1", "old"]);
  expect(podDnsName("chain", "rpc-1")).toBe("rpc-1-0.rpc-1.chain.svc.cluster.local");
});

describe("the StatefulSet", () => {
  function pod(more: object = {}, env: Record<string, string> = {}) {
    const { node, spec } = fullNode(more);
    return Object(statefulSet(node, spec, platform(env)))["spec"].template;
  }

  test("is one replica, selected by the node's name alone, replaced only by us", () => {
    const { node, spec } = fullNode({ podLabels: { team: "a", "sei.io/node": "forged" } });
    expect(statefulSet(node, spec, platform())).toMatchObject({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: {
        name: "rpc-1",
        namespace: "chain",
        labels: { team: "a", "sei.io/node": "rpc-1" },
        ownerReferences: [owner],
      },
      spec: {
        replicas: 1,
        serviceName: "rpc-1",
        selector: { matchLabels: { "sei.io/node": "rpc-1" } },
        updateStrategy: { type: "OnDelete" },
        template: {
          metadata: {
            labels: { team: "a", "sei.io/node": "rpc-1" },
            annotations: { "karpenter.sh/do-not-disrupt": "true" },
          },
        },
      },
    });
  });

  test("of a paused node has no replica", () => {
    const { node, spec } = fullNode({ paused: true });
    expect(statefulSet(node, spec, platform())).toMatchObject({ spec: { replicas: 0 } });
  });

  test("on a plain cluster asks for no pool, no account and no resources", () => {
    const spec = pod().spec;
    expect(Object.keys(spec).toSorted()).toEqual(["containers", "initContainers", "shareProcessNamespace", "volumes"]);
    expect(spec.containers[0]).not.toHaveProperty("resources");
  });

  test("takes the platform's pool, taint, account and requests", () => {
    const env = { SEI_NODEPOOL_NAME: "sei-node", SEI_TOLERATION_KEY: "sei.io/workload", SEI_SERVICE_ACCOUNT: "seid" };
    const spec = pod({}, { ...env, SEI_RESOURCE_CPU_DEFAULT: "4", SEI_RESOURCE_MEM_DEFAULT: "32Gi" }).spec;
    expect(spec).toMatchObject({
      serviceAccountName: "seid",
      tolerations: [{ key: "sei.io/workload", value: "sei-node", effect: "NoSchedule" }],
    });
    const terms = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    expect(terms).toEqual([
      { matchExpressions: [{ key: "karpenter.sh/nodepool", operator: "In", values: ["sei-node"] }] },
    ]);
    expect(spec.containers[0].resources).toEqual({ requests: { cpu: "4", memory: "32Gi" } });
  });

  test("of an archive node takes the archive's pool and requests", () => {
    const env = { SEI_NODEPOOL_NAME: "a", SEI_NODEPOOL_ARCHIVE: "b", SEI_RESOURCE_CPU_ARCHIVE: "48" };
    const spec = pod({ fullNode: undefined, archive: {} }, env).spec;
    expect(JSON.stringify(spec.affinity)).toContain('"values":["b"]');
    expect(spec.containers[0].resources).toEqual({ requests: { cpu: "48" } });
  });

  test("keeps the gate in a native sidecar with probes on its own port", () => {
    const [init, sidecar] = pod({ sidecar: { port: 7000, image: "seictl:9", resources: { limits: { cpu: "1" } } } })
      .spec.initContainers;
    expect(init).toMatchObject({ name: "seid-init", image: "sei:1" });
    expect(sidecar).toEqual({
      name: "sei-sidecar",
      image: "seictl:9",
      restartPolicy: "Always",
      command: ["seictl", "serve"],
      ports: [{ name: "sidecar", containerPort: 7000, protocol: "TCP" }],
      env: [
        { name: "SEI_CHAIN_ID", value: "pacific-1" },
        { name: "SEI_SIDECAR_PORT", value: "7000" },
        { name: "SEI_HOME", value: "/sei" },
        { name: "SEI_GENESIS_BUCKET", value: "NOT_CONFIGURED" },
        { name: "SEI_GENESIS_REGION", value: "us-east-1" },
        { name: "SEI_SNAPSHOT_BUCKET", value: "NOT_CONFIGURED" },
        { name: "SEI_SNAPSHOT_REGION", value: "us-east-1" },
      ],
      volumeMounts: [{ name: "data", mountPath: "/sei" }],
      resources: { limits: { cpu: "1" } },
      livenessProbe: {
        httpGet: { path: "/v0/livez", port: 7000 },
        initialDelaySeconds: 5,
        periodSeconds: 10,
        failureThreshold: 3,
      },
      readinessProbe: {
        httpGet: { path: "/v0/healthz", port: 7000 },
        initialDelaySeconds: 2,
        periodSeconds: 5,
        failureThreshold: 6,
      },
    });
  });

  test("runs seid behind the gate, with every port and both probes", () => {
    const [seid] = pod().spec.containers;
    expect(seid.args.slice(1)).toEqual(["wait-for-sidecar", "7777", "seid", "start", "--home", "/sei"]);
    expect(seid.ports.map((port: { containerPort: number }) => port.containerPort)).toEqual([
      8545, 8546, 9090, 1317, 26656, 26657, 26660,
    ]);
    expect(seid.startupProbe).toMatchObject({ httpGet: { path: "/v0/healthz", port: 7777 }, failureThreshold: 86_400 });
    expect(seid.readinessProbe).toMatchObject({ httpGet: { path: "/lag_status", port: 26657 }, timeoutSeconds: 5 });
    expect(seid).not.toHaveProperty("livenessProbe");
  });

  test("runs the spec's entrypoint instead, and mounts the claim it imports", () => {
    const spec = pod({
      entrypoint: { command: ["sh", "-c"], args: ["echo $HOME; true"] },
      dataVolume: { import: { pvcName: "old-data" } },
    }).spec;
    expect(spec.containers[0].args.slice(3)).toEqual(["sh", "-c", "echo $HOME; true"]);
    expect(spec.volumes).toEqual([{ name: "data", persistentVolumeClaim: { claimName: "old-data" } }]);
  });
});

test("the Service is headless and answers before the Pod is Ready", () => {
  const { node, spec } = fullNode();
  const made = Object(service(node, spec));
  expect(made).toMatchObject({
    metadata: { name: "rpc-1", ownerReferences: [owner] },
    spec: { clusterIP: "None", publishNotReadyAddresses: true, selector: { "sei.io/node": "rpc-1" } },
  });
  const grpc = { name: "grpc", port: 9090, targetPort: 9090, protocol: "TCP", appProtocol: "kubernetes.io/h2c" };
  expect(made.spec.ports).toHaveLength(7);
  expect(made.spec.ports).toContainEqual(grpc);
});

describe("the claim", () => {
  test("leaves the storage class to the cluster unless one is configured", () => {
    const { node, spec } = fullNode();
    expect(claim(node, spec, platform())?.["spec"]).toEqual({
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "10Gi" } },
    });
    const env = { SEI_STORAGE_CLASS_PERF: "fast", SEI_STORAGE_SIZE_DEFAULT: "2000Gi" };
    expect(claim(node, spec, platform(env))).toMatchObject({
      metadata: { name: "data-rpc-1", ownerReferences: [owner], labels: { "sei.io/node": "rpc-1" } },
      spec: { storageClassName: "fast", resources: { requests: { storage: "2000Gi" } } },
    });
  });

  test("is not made where one is imported", () => {
    const { node, spec } = fullNode({ dataVolume: { import: { pvcName: "old-data" } } });
    expect(claim(node, spec, platform())).toBeNull();
  });
});

describe("for the bootstrap", () => {
  const snapshot = { s3: { targetHeight: 500 }, bootstrapImage: "sei:0" };
  const labels = { "sei.io/node": "rpc-1", "sei.io/component": "bootstrap" };
  const more = { fullNode: { snapshot }, podLabels: { team: "a" }, entrypoint: { command: ["other"] } };

  test("there is a Job of its own labels, tried once, and there until it is seen and deleted", () => {
    const { node, spec } = fullNode(more);
    expect(bootstrapJob(node, spec, platform())).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "rpc-1-bootstrap", namespace: "chain", ownerReferences: [owner] },
      spec: { backoffLimit: 0 },
    });
    const made = Object(bootstrapJob(node, spec, platform()));
    expect(made.metadata.labels).toEqual(labels);
    expect(made.spec.template.metadata.labels).toEqual(labels);
  });

  test("its Pod has the node's name, volume, sidecar and requests, and the image and end of the bootstrap", () => {
    const { node, spec } = fullNode(more);
    const env = { SEI_NODEPOOL_NAME: "sei-node", SEI_SERVICE_ACCOUNT: "seid", SEI_RESOURCE_CPU_DEFAULT: "4" };
    const pod = Object(bootstrapJob(node, spec, platform(env))).spec.template.spec;
    const own = Object(statefulSet(node, spec, platform(env)))["spec"].template.spec;
    expect(pod).toMatchObject({
      hostname: "rpc-1-0",
      subdomain: "rpc-1",
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 120,
      serviceAccountName: "seid",
    });
    expect([pod.volumes, pod.affinity, pod.initContainers[1]]).toEqual([
      own.volumes,
      own.affinity,
      own.initContainers[1],
    ]);
    expect([pod.initContainers[0].image, pod.containers[0].image]).toEqual(["sei:0", "sei:0"]);
    const start = ["seid", "start", "--home", "/sei", "--halt-height", "500"];
    expect(pod.containers[0].args.slice(-start.length)).toEqual(start);
    expect(pod.containers[0].resources).toEqual({ requests: { cpu: "4" } });
    expect(pod.containers[0]).not.toHaveProperty("startupProbe");
  });

  test("there is a headless Service on the sidecar's port for the Job's Pod alone", () => {
    const { node, spec } = fullNode({ ...more, sidecar: { port: 7000 } });
    expect(bootstrapService(node, spec)).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "rpc-1", namespace: "chain", labels, ownerReferences: [owner] },
      spec: {
        clusterIP: "None",
        selector: labels,
        publishNotReadyAddresses: true,
        ports: [{ name: "sidecar", port: 7000, targetPort: 7000, protocol: "TCP" }],
      },
    });
  });

  test("there is nothing where no bootstrap is asked for", () => {
    const { node, spec } = fullNode({ fullNode: { snapshot: { s3: { targetHeight: 500 } } } });
    expect(bootstrapJob(node, spec, platform())).toBeNull();
  });
});
