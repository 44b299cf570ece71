/** What a demo or a test does to the simulated cluster, and what it can read back. */
import { type ApiTransport, type HttpRequest, type JsonObject, TransportError } from "../base/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import { textIn } from "./json-path.ts";
import type { Kubelet } from "./kubelet.ts";
import type { Newest } from "./newest.ts";
import type { Disorder, Policy, Veil, WatchOf } from "./disorder.ts";
import { pods, resources } from "./resource.ts";
import type { TaskRecord, TaskStore } from "./sidecar.ts";
import type { Revision } from "./revision-store.ts";
import type { WriteContext } from "./write.ts";

/** A POST that reached a sidecar. `at` in Unix milliseconds. */
export interface Submission {
  readonly at: number;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly body: string;
  readonly status: number;
}

/** One line of the audit log. `status` 0 = no reply. */
export interface AuditLine {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
  readonly status: number;
}

/** A Pod on a machine. `volumeUid`: UID of the claim that its home stands on, empty until its sidecar first ran. */
export interface PlacedPod {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly ip: string;
  readonly volumeUid: string;
  /** A sidecar's process runs. */
  readonly isUp: boolean;
  /** Who answers in its place. */
  readonly veil: Veil | null;
}

/** The control of a simulated cluster. Calls that name a node reject when the API server refuses. */
export interface Control {
  /** Creates a full node through the API. `spec` is merged over a plain one. */
  createNode(node: {
    readonly namespace: string;
    readonly name: string;
    readonly image: string;
    readonly spec?: JsonObject;
  }): Promise<void>;
  /** Deletes the node's Pod as an eviction does. */
  replacePod(namespace: string, node: string): Promise<void>;
  setImage(namespace: string, node: string, image: string): Promise<void>;
  /** Merges into the node's status, as a person with kubectl does. */
  patchStatus(namespace: string, node: string, status: JsonObject): Promise<void>;
  /** Sets annotations of the node, as a person with kubectl does. */
  annotate(namespace: string, node: string, annotations: JsonObject): Promise<void>;
  /** Restarts the sidecar's container in its Pod. */
  restartSidecar(namespace: string, node: string): void;
  /** The sidecar accepts connections and answers nothing, until `false`. */
  hangSidecar(namespace: string, node: string, hung: boolean): void;
  /** Somebody else answers in the sidecar's place until its process is another; null = nobody does. */
  veilSidecar(namespace: string, node: string, veil: Veil | null): void;
  /** Hands the node's sidecar a task, as a workflow does; nothing without a sidecar. */
  submitTask(namespace: string, node: string, type: string): void;
  /** Puts a record into the store of the node's volume, as it is. */
  plantTask(namespace: string, node: string, record: TaskRecord): void;
  /** True when the newest gate task of the node's volume, however it is told, shut the gate. */
  isShutOnPurpose(podUid: string): boolean;
  /** Every Pod on a machine. */
  placedPods(): readonly PlacedPod[];
  /** The next Pod of the node gets this address, whoever had it before, unless somebody has it then. */
  leaseAddress(namespace: string, node: string, ip: string): void;
  /**
   * For `ms` nothing comes over these watches, open ones and new ones, each of which is heard for `graceMs` first
   * (default 0). One that was silent once stays so: no bytes, no end.
   */
  silence(of: WatchOf, ms: number, graceMs?: number): void;
  /** Admission from now on, of the cluster's own writes too; null = there is none. */
  admission(policy: Policy | null): void;
  /** An object as it stands; null when there is none. `plural` as in paths. */
  object(plural: string, namespace: string, name: string): JsonObject | null;
  /** The next task of this type ends as failed. */
  failNextTask(type: string, error: string): void;
  /** From now on an image can or cannot be pulled. */
  setImageBad(image: string, bad: boolean): void;
  /** Breaks every open watch. */
  cutWatches(): void;
  /** Forgets revisions up to `rv`, default all: older watches get 410. */
  compact(rv?: number): void;
  /** True while the node's sidecar answers. */
  isSidecarUp(namespace: string, node: string): boolean;
  /** True while the gate of the node's sidecar is open. */
  isGateOpen(namespace: string, node: string): boolean;
  /** Committed revisions, oldest first, as far as they are kept. */
  history(): readonly Revision[];
  /** The newest ones, oldest first, as far as they are kept. */
  submissions(): readonly Submission[];
  /** The newest ones, oldest first, as far as they are kept. */
  requests(): readonly AuditLine[];
  /** Calls `heard` with each commit from now on, in order. The returned function ends it. */
  follow(heard: (revision: Revision) => void): () => void;
  /** Called by the API server's door alone. */
  addWatch(stream: ByteStream): () => void;
}

/** What the control is made of. */
export interface ControlParts {
  readonly api: ApiTransport;
  readonly context: WriteContext;
  readonly kubelet: Kubelet;
  readonly badImages: Set<string>;
  readonly outcomes: Map<string, string>;
  readonly submissions: Newest<Submission>;
  readonly audit: Newest<AuditLine>;
  readonly disorder: Disorder;
  /** Task records by the UID of the claim. */
  readonly volumes: ReadonlyMap<string, TaskStore>;
}

/** Makes the control. */
export function createControl(parts: ControlParts): Control {
  const { api, context, kubelet, badImages, outcomes, submissions, audit, disorder, volumes } = parts;
  const watches = new Set<ByteStream>();
  const nodes = (namespace: string): string => `/apis/sei.io/v1alpha1/namespaces/${namespace}/seinodes`;
  const headers = { "user-agent": "operator/1.0" };

  async function send(request: HttpRequest): Promise<void> {
    const { status, body } = await api.request(request, { deadlineMs: 10_000, maxBytes: 1 << 20 });
    if (status >= 400)
      throw new Error(`${request.method} refused: ${request.path}: got ${status} ${new TextDecoder().decode(body)}`);
  }
  const podUid = (namespace: string, node: string): string =>
    textIn(context.store.get(pods, namespace, `${node}-0`) ?? {}, "metadata", "uid");

  const recordsOf = (uid: string): TaskStore | undefined => {
    const machine = kubelet.machineOf(uid);
    return machine === null ? undefined : volumes.get(machine.volumeUid);
  };

  return {
    createNode({ namespace, name, image, spec }) {
      const plain = { chainId: "demo-1", image, fullNode: {}, ...spec };
      const body = JSON.stringify({
        apiVersion: "sei.io/v1alpha1",
        kind: "SeiNode",
        metadata: { name, namespace },
        spec: plain,
      });
      return send({
        method: "POST",
        path: nodes(namespace),
        headers: { ...headers, "content-type": "application/json" },
        body,
      });
    },
    replacePod: (namespace, node) =>
      send({ method: "DELETE", path: `/api/v1/namespaces/${namespace}/pods/${node}-0`, headers }),
    setImage(namespace, node, image) {
      const body = JSON.stringify({ spec: { image } });
      const type = { ...headers, "content-type": "application/merge-patch+json" };
      return send({ method: "PATCH", path: `${nodes(namespace)}/${node}`, headers: type, body });
    },
    patchStatus(namespace, node, status) {
      const type = { ...headers, "content-type": "application/merge-patch+json" };
      const path = `${nodes(namespace)}/${node}/status`;
      return send({ method: "PATCH", path, headers: type, body: JSON.stringify({ status }) });
    },
    annotate(namespace, node, annotations) {
      const type = { ...headers, "content-type": "application/merge-patch+json" };
      const body = JSON.stringify({ metadata: { annotations } });
      return send({ method: "PATCH", path: `${nodes(namespace)}/${node}`, headers: type, body });
    },
    restartSidecar: (namespace, node) => kubelet.restartSidecar(podUid(namespace, node)),
    hangSidecar(namespace, node, hung) {
      const machine = kubelet.machineOf(podUid(namespace, node));
      if (machine) machine.hung = hung;
    },
    veilSidecar(namespace, node, veil) {
      const machine = kubelet.machineOf(podUid(namespace, node));
      if (machine) machine.veil = veil;
    },
    submitTask(namespace, node, type) {
      const body = JSON.stringify({ type });
      kubelet.machineOf(podUid(namespace, node))?.sidecar?.serve({ method: "POST", path: "/v0/tasks", body });
    },
    plantTask: (namespace, node, record) => void recordsOf(podUid(namespace, node))?.set(record.id, record),
    isShutOnPurpose(uid) {
      const gate = Array.from(recordsOf(uid)?.values() ?? []).filter(
        ({ type, status }) => /^mark-(not-)?ready$/.test(type) && status !== "failed",
      );
      return gate.at(-1)?.type === "mark-not-ready";
    },
    placedPods: () =>
      kubelet.machines().map(({ namespace, pod, uid: podUid, ip, volumeUid, sidecar, veil }) => {
        return { namespace, pod, podUid, ip, volumeUid, isUp: sidecar !== null, veil };
      }),
    leaseAddress: (namespace, node, ip) => kubelet.lease(namespace, `${node}-0`, ip),
    silence: (of, ms, graceMs) => disorder.silence(of, ms, graceMs),
    admission: (policy) => disorder.admission(policy),
    object(plural, namespace, name) {
      const resource = resources.find((one) => one.plural === plural);
      return resource === undefined ? null : context.store.get(resource, namespace, name);
    },
    failNextTask(type, error) {
      outcomes.set(type, error);
    },
    setImageBad(image, bad) {
      if (bad) badImages.add(image);
      else badImages.delete(image);
      kubelet.retryWaiting();
    },
    cutWatches() {
      for (const stream of Array.from(watches)) stream.fail(new TransportError("UNREACHABLE", "the watch was cut"));
    },
    compact: (rv) => context.store.compact(rv ?? context.store.revision()),
    isSidecarUp(namespace, node) {
      const machine = kubelet.machineOf(podUid(namespace, node));
      return (machine?.sidecar ?? null) !== null && !machine?.hung;
    },
    isGateOpen: (namespace, node) => kubelet.machineOf(podUid(namespace, node))?.sidecar?.isOpen() ?? false,
    history: () => context.store.since(context.store.compacted()) ?? [],
    submissions: () => submissions.list(),
    requests: () => audit.list(),
    follow: (heard) => context.store.subscribe(heard),
    addWatch(stream) {
      watches.add(stream);
      return () => watches.delete(stream);
    },
  };
}
