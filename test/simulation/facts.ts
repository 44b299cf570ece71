/** What is true of a node in the simulated cluster at one moment, and what that forbids. */
import type { JsonObject } from "../../src/base/index.ts";
import type { NodeStatus } from "../../src/model/index.ts";
import type { PlacedPod, SimCluster } from "../../src/sim/index.ts";
import { takenAs } from "../cluster/harness/taken-as.ts";

/** A SeiNode as far as the rules read it. */
export interface NodeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly image: string; readonly paused?: boolean };
  readonly status?: NodeStatus;
}

/** Any owned object. */
export interface OwnedObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly status?: { readonly updateRevision?: string };
}

/** All that the rules read, as of one moment. */
export interface Facts {
  readonly node: NodeObject | null;
  /** The Pod of that name. */
  readonly pod: OwnedObject | null;
  readonly claim: OwnedObject | null;
  readonly set: OwnedObject | null;
  readonly placed: readonly PlacedPod[];
  /** UIDs of Pods whose newest gate task shut the gate. */
  readonly shut: ReadonlySet<string>;
}

/** The parts that a live read tells of. */
export type FactGroup = "node" | "pod" | "claim" | "set" | "tasks";

/** Whose sidecar is asked at this address, an IP or a DNS name; null when there is none. */
export function placedAt(placed: readonly PlacedPod[], host: string | null): PlacedPod | null {
  if (host === null) return null;
  const [pod = "", , namespace = ""] = host.endsWith(".svc.cluster.local") ? host.split(".") : [];
  return placed.find((one) => one.ip === host || (one.pod === pod && one.namespace === namespace)) ?? null;
}

/** Reads them. */
export function factsOf(sim: SimCluster, place: { readonly namespace: string; readonly name: string }): Facts {
  const { control } = sim;
  const { namespace, name } = place;
  const object = (plural: string, of: string): JsonObject | null => control.object(plural, namespace, of);
  const node = takenAs<NodeObject | null>(object("seinodes", name));
  const placed = control.placedPods();
  return {
    node,
    pod: takenAs<OwnedObject | null>(object("pods", `${name}-0`)),
    claim: takenAs<OwnedObject | null>(
      object("persistentvolumeclaims", node?.status?.dataVolume?.claimName ?? `data-${name}`),
    ),
    set: takenAs<OwnedObject | null>(object("statefulsets", name)),
    placed,
    shut: new Set(placed.flatMap(({ podUid }) => (control.isShutOnPurpose(podUid) ? [podUid] : []))),
  };
}

/** What a program is about to do to a node. */
export interface Effect {
  readonly kind: "post" | "deletePod" | "deleteData";
  /** Type of the task, or what is deleted. */
  readonly what: string;
  /** UID of the node that it is done for. */
  readonly nodeUid: string;
  /** Id of the task; null for what is no task's. */
  readonly taskId: string | null;
  /** Where a task goes. */
  readonly host: string | null;
  /** UID that the request names; empty when it names none. */
  readonly uid: string;
  /** The volume that init completed on, as far as anybody ever committed or consented to; null = none yet. */
  readonly proven: string | null;
  /** The node was Running, and nobody asked for a new start since. */
  readonly wasUp: boolean;
}

/** A rule: what it forbids, in words that begin with its code; null = nothing. */
export interface Rule {
  readonly group: FactGroup;
  readonly forbids: (effect: Effect, facts: Facts) => string | null;
}

/** Every rule that hangs on what is true at a moment. */
export const rules: readonly Rule[] = [
  { group: "node", forbids: (effect, { node }) => (effect.kind === "deleteData" ? null : nodeForbids(effect, node)) },
  {
    group: "node",
    forbids: ({ kind, nodeUid }, { node }) => {
      if (kind !== "deleteData") return null;
      if (node === null || node.metadata.uid !== nodeUid) return null;
      if (node.metadata.finalizers?.includes("orphan") === true) return "orphan: what the node owns is to be left";
      return node.metadata.deletionTimestamp === undefined ? "kept: the node is not being deleted" : null;
    },
  },
  {
    group: "pod",
    forbids: ({ kind, nodeUid, host }, { pod, set, ...facts }) => {
      const placed = placedAt(facts.placed, host);
      if (kind !== "post" || placed === null) return null;
      if (placed.podUid !== pod?.metadata.uid) return `address: it is ${placed.pod}'s, of another life`;
      const owners = pod.metadata.ownerReferences ?? [];
      const isOwn = owners.some(({ uid }) => uid === set?.metadata.uid) && isOwnedBy(set, nodeUid);
      return isOwn || owners.every(({ uid }) => uid === nodeUid) ? null : "address: the Pod is not the node's";
    },
  },
  {
    group: "pod",
    forbids: ({ kind, proven, host }, facts) => {
      const placed = placedAt(facts.placed, host);
      if (kind !== "post" || placed === null || proven === null || placed.volumeUid === "") return null;
      return placed.volumeUid === proven ? null : "volume: the Pod's home stands on another volume";
    },
  },
  {
    group: "claim",
    forbids: ({ kind, proven }, { claim }) => {
      if (kind !== "post" || proven === null) return null;
      return claim?.metadata.uid === proven ? null : "claim: it is not the one that init completed on";
    },
  },
  {
    group: "tasks",
    forbids: ({ kind, what, host }, { shut, node, ...facts }) => {
      const placed = placedAt(facts.placed, host);
      if (kind !== "post" || what !== "mark-ready" || placed === null || !shut.has(placed.podUid)) return null;
      const consent = node?.metadata.annotations?.["tidekeeper.sei.io/open-gate"];
      return consent === placed.podUid ? null : "purpose: the gate was shut on purpose";
    },
  },
  {
    group: "set",
    forbids: ({ kind }, { pod, set }) => {
      const revision = pod?.metadata.labels?.["controller-revision-hash"];
      const isRight = kind === "deletePod" && revision !== undefined && revision === set?.status?.updateRevision;
      return isRight ? "revision: the Pod is of the right revision" : null;
    },
  },
];

function nodeForbids({ nodeUid, taskId }: Effect, node: NodeObject | null): string | null {
  if (node === null || node.metadata.uid !== nodeUid) return "gone: the node is gone";
  const { metadata, spec, status = {} } = node;
  if (metadata.deletionTimestamp !== undefined) return "deleted: the node is being deleted";
  if (spec.paused === true) return "pause: the node is paused";
  if ((status.adoptedWorkflow ?? null) !== null) return "hold: a workflow has adopted the node";
  const isBusy = status.conditions?.some(({ type, status: is }) => type === "WorkflowInProgress" && is === "True");
  if (isBusy === true) return "hold: a workflow is in progress";
  const isPlanned = status.plan?.phase === "Active" && status.plan.tasks.some(({ id }) => id === taskId);
  return taskId === null || isPlanned ? null : "plan: no Active plan has the task";
}

function isOwnedBy(object: OwnedObject | null, uid: string): boolean {
  return object?.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}
