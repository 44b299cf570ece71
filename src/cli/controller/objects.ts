/** The executor's objects over the Kubernetes client; what comes back enters the stores like a watch event. */
import type { JsonObject } from "../../core/json.ts";
import type { ObjectPort, Reply } from "../../executor/index.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { ApiFailure, Result } from "../../kube/failure.ts";
import type { ResourceRef } from "../../kube/paths.ts";
import type { Store } from "../../kube/store.ts";
import { FIELD_MANAGER, NODE_LABEL } from "../../seinode/labels.ts";
import { readClaim } from "../../seinode/read-claim.ts";
import { readJob } from "../../seinode/read-job.ts";
import { readPod } from "../../seinode/read-pod.ts";
import { readService } from "../../seinode/read-service.ts";
import { readStatefulSet } from "../../seinode/read-stateful-set.ts";
import { TO_ON_DELETE } from "../../seinode/stateful-set.ts";
import { type Caches, RESOURCES } from "./caches.ts";

/** Builds the port. */
export function objectPort(client: KubeClient, caches: Caches): ObjectPort {
  const claim = viewed(readClaim, caches.claims);
  const statefulSet = viewed(readStatefulSet, caches.statefulSets);
  const service = viewed(readService, caches.services);
  const pod = viewed(readPod, caches.pods);
  const job = viewed(readJob, caches.jobs);
  return {
    claim: async (namespace, name) => claim(await client.get({ ...RESOURCES.claims, namespace, name })),
    createClaim: async (object) => claim(await created(client, RESOURCES.claims, object)),
    statefulSet: async (namespace, name) =>
      statefulSet(await client.get({ ...RESOURCES.statefulSets, namespace, name })),
    applyStatefulSet: async (object, force) => statefulSet(await appliedSet(client, object, force)),
    serviceOwner: async (namespace, name) =>
      replyOf(await client.get({ ...RESOURCES.services, namespace, name }), controllerUid),
    applyService: async (object, force) =>
      service(await client.apply({ ...RESOURCES.services, ...placeOf(object) }, object, by(force))),
    service: async (namespace, name) => service(await client.get({ ...RESOURCES.services, namespace, name })),
    createService: async (object) => service(await created(client, RESOURCES.services, object)),
    deleteStatefulSet: async ({ namespace, name, uid }) =>
      replyOf(
        await client.remove({ ...RESOURCES.statefulSets, namespace, name }, { uid, propagationPolicy: "Foreground" }),
        () => null,
      ),
    deleteClaim: async ({ namespace, name, uid }) =>
      replyOf(await client.remove({ ...RESOURCES.claims, namespace, name }, { uid }), () => null),
    deleteService: async ({ namespace, name, uid }) =>
      replyOf(await client.remove({ ...RESOURCES.services, namespace, name }, { uid }), () => null),
    job: async (namespace, name) => job(await client.get({ ...RESOURCES.jobs, namespace, name })),
    createJob: async (object) => job(await created(client, RESOURCES.jobs, object)),
    deleteJob: async ({ namespace, name, uid }) =>
      replyOf(
        await client.remove({ ...RESOURCES.jobs, namespace, name }, { uid, propagationPolicy: "Foreground" }),
        () => null,
      ),
    pod: async (namespace, name) => pod(await client.get({ ...RESOURCES.pods, namespace, name })),
    deletePod: async ({ namespace, name, uid }) =>
      replyOf(await client.remove({ ...RESOURCES.pods, namespace, name }, { uid }), () => null),
  };
}

/**
 * A set that the reference left behind refuses `OnDelete` beside its defaulted `rollingUpdate`: those are taken out
 * first, and the set is applied once more. Only one that is ours (`force`) is touched so.
 */
async function appliedSet(client: KubeClient, object: JsonObject, force: boolean): Promise<Result<unknown>> {
  const ref = { ...RESOURCES.statefulSets, ...placeOf(object) };
  const first = await client.apply(ref, object, by(force));
  if (first.ok || !force || first.failure.kind !== "invalid") return first;
  if (!first.failure.message.includes("spec.updateStrategy.rollingUpdate")) return first;
  const patched = await client.mergePatch(ref, TO_ON_DELETE);
  return patched.ok ? client.apply(ref, object, by(force)) : patched;
}

/**
 * Creates an object that must not be there yet, and then applies it, so that its fields are ours as those of all other
 * objects are. An apply alone would touch one that somebody else made in the same moment.
 */
async function created(client: KubeClient, ref: ResourceRef, object: JsonObject): Promise<Result<unknown>> {
  const { namespace, name } = placeOf(object);
  const made = await client.create({ ...ref, namespace }, object);
  if (!made.ok) return made;
  const metadata = { ...Object(object["metadata"]), uid: memberOf(memberOf(made.value, "metadata"), "uid") };
  const owned = await client.apply({ ...ref, namespace, name }, { ...object, metadata }, by(true));
  // It is made and it is the node's, whoever is noted as the owner of its fields.
  return owned.ok ? owned : made;
}

function by(force: boolean): { readonly fieldManager: string; readonly force: boolean } {
  return { fieldManager: FIELD_MANAGER, force };
}

function placeOf(object: JsonObject): { readonly namespace: string; readonly name: string } {
  const { metadata } = object;
  const at = (key: string): string => {
    const value: unknown = typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, key) : undefined;
    return typeof value === "string" ? value : "";
  };
  return { namespace: at("namespace"), name: at("name") };
}

function viewed<T>(read: (raw: unknown) => T | null, store: Store<T>): (result: Result<unknown>) => Reply<T> {
  return (result) => {
    const reply = objectReply(result, read);
    if (reply.kind === "ok") store.accept(reply.value);
    return reply;
  };
}

/** What a request came to, as the executor hears it. */
export function replyOf<T>(result: Result<unknown>, read: (raw: unknown) => T): Reply<T> {
  return result.ok ? { kind: "ok", value: read(result.value) } : failureReply(result.failure);
}

/** As `replyOf`, for objects of a node's: one that lacks the label is somebody else's, whatever its name. */
function objectReply<T>(result: Result<unknown>, read: (raw: unknown) => T | null): Reply<T> {
  const reply = replyOf(result, read);
  if (reply.kind !== "ok") return reply;
  const { value } = reply;
  return value === null ? { kind: "refused", why: `it exists without the label ${NODE_LABEL}` } : { kind: "ok", value };
}

function failureReply(failure: ApiFailure): Exclude<Reply<never>, { kind: "ok" }> {
  const { kind, message: why } = failure;
  if (kind === "notFound") return { kind };
  if (kind === "conflict" || kind === "alreadyExists") return { kind: "conflict", why };
  // A missing permission may be granted while we wait; an object that is refused as it is will be refused again.
  return { kind: kind === "invalid" || kind === "refused" ? "refused" : "failed", why };
}

function controllerUid(raw: unknown): string | null {
  const metadata: unknown = memberOf(raw, "metadata");
  const owners: unknown = memberOf(metadata, "ownerReferences");
  if (!Array.isArray(owners)) return null;
  const controller: unknown = owners.find((owner) => memberOf(owner, "controller") === true);
  const uid = memberOf(controller, "uid");
  return typeof uid === "string" ? uid : null;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
