import { describe, expect, test } from "bun:test";
import { claim } from "../../src/seinode/claim.ts";
import { claimName, podDnsName, podName } from "../../src/seinode/names.ts";
import type { Platform } from "../../src/seinode/platform.ts";
import { readPlatform } from "../../src/seinode/platform.ts";
import { service } from "../../src/seinode/service.ts";
import { statefulSet } from "../../src/seinode/stateful-set.ts";
import { fullNode } from "./nodes.ts";

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

test("every mistake in the environment is told at once", () => {
  const reading = readPlatform({
    SEI_TOLERATION_KEY: "not a key",
    SEI_STORAGE_SIZE_DEFAULT: "0Gi",
    SEI_RESOURCE_CPU_DEFAULT: "four",
    SEI_SIDECAR_IMAGE: "a b",
    SEI_STORAGE_CLASS_PERF: "",
  });
  expect(reading).toEqual({
    ok: false,
    problems: [
      'SEI_TOLERATION_KEY: got "not a key", want a label key such as sei.io/workload',
      'SEI_STORAGE_SIZE_DEFAULT: got "0Gi", want a size such as 2000Gi',
      'SEI_RESOURCE_CPU_DEFAULT: got "four", want a quantity such as 4, 500m or 32Gi',
      'SEI_SIDECAR_IMAGE: got "a b", want an image reference',
      "SEI_TOLERATION_KEY: set without SEI_NODEPOOL_NAME, which is the value that is tolerated",
    ],
  });
});
