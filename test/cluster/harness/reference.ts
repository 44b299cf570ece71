/**
 * A SeiNode as the reference's manager leaves it: its objects by its own field manager, with scripts of its own and the
 * strategy that the API server fills in, and a status that only it has written.
 */
import { DEFAULT_SIDECAR_IMAGE } from "../../../src/seinode/platform/index.ts";
import { taskId } from "../../../src/model/index.ts";
import type { AdminApi, KubeObject } from "./admin-api.ts";
import { eventually } from "./eventually.ts";
import { seiNode, seiNodePath } from "./fleet.ts";
import { type Pod, podPath, setPodReady } from "./pods.ts";

const MANAGER = "seinode-controller";

/** What differs between two such nodes. */
export interface LeftNode {
  readonly namespace: string;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Image of template and Pod; that of the spec unless given. */
  readonly runs?: string;
  /** All of `status`. */
  readonly status: Readonly<Record<string, unknown>>;
  /** `none` = its plan has not come to it yet; `bootstrap` = the Job and its Service. */
  readonly objects?: "node" | "bootstrap" | "none";
  /** The claim was there before the node, and nobody controls it; it may not even be labelled. */
  readonly foreignClaim?: "labelled" | "plain";
}

/** The paths of its objects. */
export function pathsOf({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return {
    set: `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`,
    service: `/api/v1/namespaces/${namespace}/services/${name}`,
    claim: `/api/v1/namespaces/${namespace}/persistentvolumeclaims/data-${name}`,
    pod: podPath(namespace, `${name}-0`),
  };
}

/** Makes the node and what is its own; resolves when its Pod, if it has one, is Ready. */
export async function leaveBehind(api: AdminApi, left: LeftNode): Promise<void> {
  const { namespace, name, spec, status, objects = "node" } = left;
  const node = await api.apply<KubeObject>({
    apiVersion: "sei.io/v1alpha1",
    kind: "SeiNode",
    metadata: { namespace, name, finalizers: ["sei.io/seinode-finalizer"] },
    spec,
  });
  const owner = ownerOf(name, node.metadata.uid ?? "");
  if (objects !== "none") await create(api, claim(left, left.foreignClaim === undefined ? [owner] : []));
  if (objects === "node") {
    await api.apply(statefulSet(left, owner), MANAGER);
    await api.apply(service(left, owner), MANAGER);
    await untilReady(api, namespace, name);
  }
  if (objects === "bootstrap") for (const object of bootstrap(left, owner)) await create(api, object);
  await api.patch(`${seiNodePath(namespace, name)}/status`, { status });
}

/** The reference's own apply, once more: what an image edit made it do. */
export async function applyAsReference(api: AdminApi, left: LeftNode): Promise<void> {
  const { metadata } = await seiNode(api, left.namespace, left.name);
  await api.apply(statefulSet(left, ownerOf(left.name, metadata.uid ?? "")), MANAGER);
}

/** Makes the Pod Ready as soon as it runs: one that is not is safe from RollingUpdate, and proves nothing. */
async function untilReady(api: AdminApi, namespace: string, name: string): Promise<void> {
  const path = podPath(namespace, `${name}-0`);
  await eventually(`Pod ${name}-0`, async () => {
    const pod = await api.get<Pod>(path);
    return pod?.status.phase === "Running" && pod.status.podIP !== undefined;
  });
  await setPodReady(api, path, true);
  await eventually(`the StatefulSet of ${name}`, async () => {
    const set = await api.get<{ status: { readyReplicas?: number } }>(pathsOf({ namespace, name }).set);
    return set?.status.readyReplicas === 1;
  });
}

/** How far a plan of the reference's has come. */
export interface LeftPlan {
  readonly types: readonly string[];
  readonly params?: Readonly<Record<string, unknown>>;
  /** So many tasks are Complete. */
  readonly done: number;
  /** The one after them was submitted, and stands as Pending all the same. */
  readonly submitted?: boolean;
  readonly phase?: "Active" | "Complete" | "Failed";
  readonly isInit?: boolean;
  /** Why the task after the Complete ones failed, in a Failed plan. */
  readonly error?: string;
}

/** A plan in `status.plan` as the reference writes one. */
export function leftPlan(place: { readonly namespace: string; readonly name: string }, left: LeftPlan) {
  const { types, params = {}, done, submitted = false, phase = "Active", isInit = false, error } = left;
  const id = crypto.randomUUID();
  const tasks = types.map((type, index) => ({
    type,
    id: taskId(id, type, index),
    status: index < done ? "Complete" : index === done && error !== undefined ? "Failed" : "Pending",
    params: params[type] ?? controllerParams(type, place),
    ...(index === done && submitted ? { submittedAt: "2026-01-01T00:00:00Z" } : {}),
    ...(index === done && error !== undefined ? { error } : {}),
  }));
  const current = tasks[done];
  const failed =
    error === undefined || current === undefined
      ? {}
      : {
          failedTaskIndex: done,
          failedTaskDetail: { type: current.type, id: current.id, error, retryCount: 0, maxRetries: 0 },
        };
  return { id, phase, tasks, targetPhase: "Running", ...(isInit ? { failedPhase: "Failed" } : {}), ...failed };
}

/** A condition as the reference writes one. */
export function leftCondition(type: string, status: "True" | "False" | "Unknown", reason: string) {
  return { type, status, reason, message: `as of ${reason}`, observedGeneration: 1, lastTransitionTime: LONG_AGO };
}

const LONG_AGO = "2026-01-01T00:00:00Z";
const NODE_TASKS = new Set(["ensure-data-pvc", "apply-statefulset", "apply-service", "observe-image"]);

function controllerParams(type: string, { namespace, name }: { readonly namespace: string; readonly name: string }) {
  if (NODE_TASKS.has(type)) return { nodeName: name, namespace };
  const [jobName, serviceName] = [`${name}-bootstrap`, name];
  if (type === "deploy-bootstrap-service") return { serviceName, namespace };
  if (type === "teardown-bootstrap") return { jobName, serviceName, namespace };
  return type === "await-bootstrap-complete" || type === "deploy-bootstrap-job" ? { jobName, namespace } : {};
}

/** Status of a node that came up and was rolled to this image; what is given wins. */
export function leftRunning(image: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    phase: "Running",
    phaseTransitionTime: LONG_AGO,
    currentImage: image,
    conditions: [leftCondition("SidecarReady", "True", "Ready")],
    ...more,
  };
}

/** A plain Create, as for everything that the reference does not apply. */
async function create(api: AdminApi, object: KubeObject): Promise<void> {
  const path = await api.pathOf(object);
  const reply = await api.request("POST", path.slice(0, path.lastIndexOf("/")), object);
  if (reply.status >= 300) throw new Error(`POST ${path}: ${reply.status}: ${reply.text}`);
}

function ownerOf(name: string, uid: string) {
  const controls = { controller: true, blockOwnerDeletion: true };
  return { apiVersion: "sei.io/v1alpha1", kind: "SeiNode", name, uid, ...controls };
}

const MOUNTS = [{ name: "data", mountPath: "/sei" }];
const PORTS = [
  ["evm-rpc", 8545],
  ["evm-ws", 8546],
  ["grpc", 9090],
  ["rest", 1317],
  ["p2p", 26656],
  ["rpc", 26657],
  ["metrics", 26660],
] as const;

type Owner = ReturnType<typeof ownerOf>;

function meta({ namespace, name }: LeftNode, named: string, owners: readonly Owner[]) {
  return { namespace, name: named, labels: { "sei.io/node": name }, ownerReferences: owners };
}

function claim(left: LeftNode, owners: readonly Owner[]): KubeObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata:
      left.foreignClaim === "plain"
        ? { namespace: left.namespace, name: `data-${left.name}` }
        : meta(left, `data-${left.name}`, owners),
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
  };
}

function service(left: LeftNode, owner: Owner): KubeObject {
  const ports = PORTS.map(([name, port]) => ({
    name,
    port,
    targetPort: port,
    protocol: "TCP",
    ...(name === "grpc" ? { appProtocol: "kubernetes.io/h2c" } : {}),
  }));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: meta(left, left.name, [owner]),
    spec: { clusterIP: "None", selector: { "sei.io/node": left.name }, publishNotReadyAddresses: true, ports },
  };
}

/** The strategy is left out, so that it becomes RollingUpdate; Go's empty structs are sent along. */
function statefulSet(left: LeftNode, owner: Owner): KubeObject {
  const labels = { "sei.io/node": left.name };
  const annotations = { "karpenter.sh/do-not-disrupt": "true" };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: meta(left, left.name, [owner]),
    spec: {
      replicas: 1,
      serviceName: left.name,
      selector: { matchLabels: labels },
      updateStrategy: {},
      template: { metadata: { labels, annotations }, spec: podSpec(left, seid(left)) },
    },
  };
}

function podSpec(left: LeftNode, container: object) {
  const image = imageOf(left);
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: `data-${left.name}` } }];
  const init = `test -f /sei/config/genesis.json || seid init ${left.name} --home /sei; mkdir -p /sei/tmp`;
  return {
    shareProcessNamespace: true,
    volumes,
    initContainers: [
      { name: "seid-init", image, command: ["/bin/sh", "-c", init], volumeMounts: MOUNTS, resources: {} },
      sidecar(left),
    ],
    containers: [container],
  };
}

function imageOf({ runs, spec }: LeftNode): string {
  return runs ?? String(spec["image"]);
}

function sidecar({ spec }: LeftNode) {
  const get = (path: string) => ({ httpGet: { path, port: 7777 }, periodSeconds: 5 });
  return {
    name: "sei-sidecar",
    image: DEFAULT_SIDECAR_IMAGE,
    restartPolicy: "Always",
    command: ["seictl", "serve"],
    ports: [{ name: "sidecar", containerPort: 7777, protocol: "TCP" }],
    env: [
      { name: "SEI_CHAIN_ID", value: String(spec["chainId"]) },
      { name: "SEI_SIDECAR_PORT", value: "7777" },
      { name: "SEI_HOME", value: "/sei" },
      { name: "SEI_GENESIS_BUCKET", value: "of-the-reference" },
    ],
    volumeMounts: MOUNTS,
    livenessProbe: { ...get("/v0/livez"), initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...get("/v0/healthz"), initialDelaySeconds: 2, failureThreshold: 6 },
    resources: {},
  };
}

function seid(left: LeftNode) {
  const wait = "until curl -fs localhost:7777/v0/healthz; do sleep 5; done; exec seid start --home /sei";
  return {
    name: "seid",
    image: imageOf(left),
    command: ["/bin/bash", "-c", wait],
    env: [{ name: "TMPDIR", value: "/sei/tmp" }],
    ports: PORTS.map(([name, port]) => ({ name, containerPort: port, protocol: "TCP" })),
    volumeMounts: MOUNTS,
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
    startupProbe: { httpGet: { path: "/v0/healthz", port: 7777 }, periodSeconds: 5, failureThreshold: 86_400 },
    readinessProbe: { httpGet: { path: "/lag_status", port: 26_657 }, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

function bootstrap(left: LeftNode, owner: Owner): readonly KubeObject[] {
  const labels = { "sei.io/node": left.name, "sei.io/component": "bootstrap" };
  const halting = { ...seid(left), command: ["/bin/bash", "-c", "exec seid start --home /sei --halt-height 100"] };
  const named = (name: string) => ({ ...meta(left, name, [owner]), labels });
  const pod = { ...podSpec(left, halting), hostname: `${left.name}-0`, subdomain: left.name, restartPolicy: "Never" };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: named(left.name),
      spec: {
        clusterIP: "None",
        selector: labels,
        publishNotReadyAddresses: true,
        ports: [{ name: "sidecar", port: 7777, targetPort: 7777, protocol: "TCP" }],
      },
    },
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: named(`${left.name}-bootstrap`),
      spec: {
        backoffLimit: 0,
        ttlSecondsAfterFinished: 3600,
        template: { metadata: { labels }, spec: { ...pod, terminationGracePeriodSeconds: 120 } },
      },
    },
  ];
}
