/** The StatefulSet controller, for sets of at most one replica. */
import { fnv1a, type JsonObject, type Timers } from "../base/index.ts";
import { canonical, isSame, numberIn, objectIn, objectsIn, textIn, withAt } from "./json-path.ts";
import { pods, statefulsets } from "./resource.ts";
import { create, remove, type WriteContext } from "./write.ts";

/** Options. `lagMs` = from a change to the controller's reaction. */
export interface StatefulSetControllerOptions {
  readonly context: WriteContext;
  readonly timers: Timers;
  readonly lagMs: () => number;
}

/** Starts the controller; it reacts to every change of a set or its Pod. */
export function runStatefulSets({ context, timers, lagMs }: StatefulSetControllerOptions): void {
  const pending = new Set<string>();
  const { store } = context;

  function wake(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    if (pending.has(key)) return;
    pending.add(key);
    timers.after(lagMs(), () => {
      pending.delete(key);
      const set = store.get(statefulsets, namespace, name);
      if (!set || textIn(set, "metadata", "deletionTimestamp") !== "") return;
      if (!sync(context, set)) timers.after(REFUSED_AGAIN_MS, () => wake(namespace, name));
    });
  }

  store.subscribe(({ resource, object }) => {
    const namespace = textIn(object, "metadata", "namespace");
    const name = textIn(object, "metadata", "name");
    if (resource === statefulsets) wake(namespace, name);
    if (resource === pods) wake(namespace, name.replace(/-0$/, ""));
  });
}

/** The name of the revision a template makes: equal templates make equal names. */
export function revisionOf(set: JsonObject): string {
  const hash = fnv1a(canonical(objectIn(set, "spec", "template")));
  return `${textIn(set, "metadata", "name")}-${hash.toString(16).padStart(8, "0")}`;
}

/** A Pod that admission refused is tried again after a while. */
const REFUSED_AGAIN_MS = 1000;

/** False when what it wrote was refused. */
function sync(context: WriteContext, set: JsonObject): boolean {
  const { store } = context;
  const namespace = textIn(set, "metadata", "namespace");
  const name = `${textIn(set, "metadata", "name")}-0`;
  const revision = revisionOf(set);
  const wanted = numberIn(set, "spec", "replicas") ?? 1;
  const found = store.get(pods, namespace, name);
  const author = {
    manager: "kube-controller-manager",
    operation: "Update",
    subresource: null,
    time: context.now(),
  } as const;
  let status = 200;
  if (!found && wanted > 0) {
    ({ status } = create(context, { resource: pods, namespace, name }, podOf(set, revision), author));
  } else if (found && isOurs(set, found) && textIn(found, "metadata", "deletionTimestamp") === "") {
    // RollingUpdate waits for the old Pod to be Ready before it takes it down.
    const rolls = textIn(set, "spec", "updateStrategy", "type") === "RollingUpdate";
    const stale = objectIn(found, "metadata", "labels")["controller-revision-hash"] !== revision;
    if (wanted === 0 || (rolls && stale && isReady(found)))
      ({ status } = remove(context, { resource: pods, namespace, name }, {}));
  }
  writeStatus(context, set, revision);
  return status < 400;
}

function isOurs(set: JsonObject, pod: JsonObject): boolean {
  const uid = textIn(set, "metadata", "uid");
  return objectsIn(pod, "metadata", "ownerReferences").some((owner) => owner["uid"] === uid);
}

/** True when the Pod's `Ready` condition is True. */
export function isReady(pod: JsonObject): boolean {
  return objectsIn(pod, "status", "conditions").some((one) => one["type"] === "Ready" && one["status"] === "True");
}

function podOf(set: JsonObject, revision: string): JsonObject {
  const setName = textIn(set, "metadata", "name");
  const name = `${setName}-0`;
  const template = objectIn(set, "spec", "template");
  const identity = { "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": "0" };
  const labels = { ...objectIn(template, "metadata", "labels"), ...identity, "controller-revision-hash": revision };
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: setName, uid: textIn(set, "metadata", "uid") };
  const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: true }];
  const metadata = { ...objectIn(template, "metadata"), name, labels, ownerReferences };
  const spec = { ...objectIn(template, "spec"), hostname: name, subdomain: textIn(set, "spec", "serviceName") };
  return { apiVersion: "v1", kind: "Pod", metadata, spec };
}

function writeStatus({ store }: WriteContext, set: JsonObject, revision: string): void {
  const namespace = textIn(set, "metadata", "namespace");
  const pod = store.get(pods, namespace, `${textIn(set, "metadata", "name")}-0`);
  const { ours, label, ready } = tally(set, pod);
  const updated = label === revision ? 1 : 0;
  const rolls = textIn(set, "spec", "updateStrategy", "type") === "RollingUpdate";
  // With OnDelete the real controller never moves currentRevision on.
  const before = textIn(set, "status", "currentRevision");
  const current = before === "" || (rolls && updated === 1 && ready === 1) ? revision : before;
  const status = {
    observedGeneration: numberIn(set, "metadata", "generation") ?? 1,
    replicas: ours,
    ...(ready === 1 ? { readyReplicas: 1 } : {}),
    availableReplicas: ready,
    ...(label === current ? { currentReplicas: 1 } : {}),
    ...(updated === 1 ? { updatedReplicas: 1 } : {}),
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
  };
  if (!isSame(set["status"], status)) store.put(statefulsets, withAt(set, ["status"], status));
}

/** What the Pod counts for; a terminating one has no label any more. */
function tally(
  set: JsonObject,
  pod: JsonObject | null,
): { readonly ours: number; readonly label: string; readonly ready: number } {
  if (pod === null || !isOurs(set, pod)) return { ours: 0, label: "", ready: 0 };
  if (textIn(pod, "metadata", "deletionTimestamp") !== "") return { ours: 1, label: "", ready: 0 };
  const label = objectIn(pod, "metadata", "labels")["controller-revision-hash"];
  return { ours: 1, label: typeof label === "string" ? label : "", ready: isReady(pod) ? 1 : 0 };
}
