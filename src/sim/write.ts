/** The API server's rules of writing: identity, generation, status apart, optimistic lock, finalizers. */
import { isObject, type Json, type JsonObject } from "../base/index.ts";
import { alreadyExists, type ApiReply, badRequest, conflict, invalid, modified, notFound, unmet } from "./api-reply.ts";
import { apply } from "./apply.ts";
import { isSame, listIn, numberIn, objectIn, objectsIn, textIn, withAt } from "./json-path.ts";
import { type Author, trackUpdate } from "./managed-fields.ts";
import { apiVersionOf, claims, pods, type Resource, services, statefulsets } from "./resource.ts";
import type { RevisionStore } from "./revision-store.ts";

/** What the rules of writing need. `now` is RFC 3339 with seconds. */
export interface WriteContext {
  readonly store: RevisionStore;
  readonly now: () => string;
  readonly uuid: () => string;
  /** Asked before each write is committed, also those of the cluster's own controllers; it may put another object in its place. */
  readonly admit: (review: Review) => Admitted;
}

/** A write that is about to be committed; for a deletion `object` is what is there. */
export interface Review {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly resource: Resource;
  readonly object: JsonObject;
}

/** The object to be committed, or the refusal. */
export type Admitted = { readonly object: JsonObject } | { readonly refused: ApiReply };

/** Where a write goes. */
export interface WriteTarget {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

/** POST. */
export function create(context: WriteContext, target: WriteTarget, body: JsonObject, author: Author): ApiReply {
  const { resource, namespace } = target;
  const given = textIn(body, "metadata", "namespace");
  if (given !== "" && given !== namespace) {
    return badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const prefix = textIn(body, "metadata", "generateName");
  const name = textIn(body, "metadata", "name") || (prefix === "" ? "" : `${prefix}${context.uuid().slice(0, 5)}`);
  if (name === "") {
    const message = "Required value: name or generateName is required";
    return invalid(resource, "", { field: "metadata.name", reason: "FieldValueRequired", message });
  }
  if (context.store.get(resource, namespace, name)) return alreadyExists(resource, name);
  const fresh = born(context, { resource, namespace, name }, body);
  const admitted = context.admit({ operation: "CREATE", resource, object: trackUpdate(resource, {}, fresh, author) });
  if ("refused" in admitted) return admitted.refused;
  return { status: 201, body: context.store.put(resource, admitted.object) };
}

function born({ now, uuid }: WriteContext, { resource, namespace, name }: WriteTarget, body: JsonObject): JsonObject {
  const identity = { name, namespace, uid: uuid(), creationTimestamp: now() };
  const { resourceVersion: _rv, managedFields: _managed, ...metadata } = objectIn(body, "metadata");
  const generation = resource.hasGeneration ? { generation: 1 } : {};
  const object = {
    ...body,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: { ...metadata, ...identity, ...generation },
  };
  return withDefaults(resource, resource.hasStatus ? withAt(object, ["status"], firstStatus(resource)) : object);
}

function firstStatus(resource: Resource): JsonObject | undefined {
  if (resource === pods) return { phase: "Pending" };
  if (resource === claims) return { phase: "Pending" };
  if (resource === services) return { loadBalancer: {} };
  return resource === statefulsets ? { replicas: 0, availableReplicas: 0 } : undefined;
}

/** The few defaults that the controllers here read; a real server fills many more. */
function withDefaults(resource: Resource, object: JsonObject): JsonObject {
  const spec = objectIn(object, "spec");
  if (resource === statefulsets) {
    const strategy = { type: "RollingUpdate", ...objectIn(spec, "updateStrategy") };
    return { ...object, spec: { replicas: 1, podManagementPolicy: "OrderedReady", ...spec, updateStrategy: strategy } };
  }
  if (resource === pods)
    return { ...object, spec: { terminationGracePeriodSeconds: 30, restartPolicy: "Always", ...spec } };
  if (resource !== claims) return object;
  const finalizers = listIn(object, "metadata", "finalizers");
  const guarded = finalizers.length > 0 ? finalizers : ["kubernetes.io/pvc-protection"];
  return withAt({ ...object, spec: { volumeMode: "Filesystem", ...spec } }, ["metadata", "finalizers"], guarded);
}

/** PUT and every kind of merge: puts `wanted` in the place of what is there, by the rules. */
export function replace(context: WriteContext, target: WriteTarget, wanted: JsonObject, author: Author): ApiReply {
  const { resource, namespace, name } = target;
  const current = context.store.get(resource, namespace, name);
  if (!current) return notFound(resource, name);
  // A custom object's status takes nothing of the metadata but the version, so a UID there holds nobody back.
  const isStatus = author.subresource === "status";
  const uid = isStatus ? "" : textIn(wanted, "metadata", "uid");
  const liveUid = textIn(current, "metadata", "uid");
  if (uid !== "" && uid !== liveUid) {
    return conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${liveUid}`);
  }
  const rv = textIn(wanted, "metadata", "resourceVersion");
  if (rv !== "" && rv !== textIn(current, "metadata", "resourceVersion")) return modified(resource, name);
  return settle(context, target, { current, next: merged(resource, current, wanted, author), author });
}

function merged(resource: Resource, current: JsonObject, wanted: JsonObject, author: Author): JsonObject {
  if (author.subresource === "status") {
    const { status: _before, ...bare } = current;
    return "status" in wanted ? { ...bare, status: wanted["status"] } : bare;
  }
  const { status: _status, ...rest } = wanted;
  const live = objectIn(current, "metadata");
  const kept: Record<string, JsonObject[string]> = {};
  for (const key of [
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
  ]) {
    if (live[key] !== undefined) kept[key] = live[key];
  }
  const { name, namespace } = live;
  const metadata = { ...objectIn(wanted, "metadata"), ...kept, name, namespace };
  const status = resource.hasStatus ? current["status"] : wanted["status"];
  const identity = { apiVersion: current["apiVersion"], kind: current["kind"], metadata };
  return { ...rest, ...identity, ...(status === undefined ? {} : { status }) };
}

interface Settling {
  readonly current: JsonObject;
  readonly next: JsonObject;
  /** Null = ownership is already in `next`. */
  readonly author: Author | null;
}

/** Commits unless nothing changed; the last finalizer gone, a deleted object goes too. */
function settle(
  { store, admit }: WriteContext,
  { resource, namespace, name }: WriteTarget,
  { current, next, author }: Settling,
): ApiReply {
  const refused = immutable(resource, name, current, next);
  if (refused) return refused;
  const isStatus = author?.subresource === "status";
  const admitted = isStatus ? { object: next } : admit({ operation: "UPDATE", resource, object: next });
  if ("refused" in admitted) return admitted.refused;
  const bare = withAt(admitted.object, ["metadata", "resourceVersion"], textIn(current, "metadata", "resourceVersion"));
  const tracked = author === null ? bare : trackUpdate(resource, current, bare, author);
  if (isSame(unowned(tracked), unowned(current)) && (author !== null || isSame(owners(tracked), owners(current)))) {
    return { status: 200, body: current };
  }
  const changed = resource.hasGeneration && !isSame(tracked["spec"], current["spec"]);
  const generation = numberIn(current, "metadata", "generation") ?? 0;
  const counted = changed ? withAt(tracked, ["metadata", "generation"], generation + 1) : tracked;
  const done =
    textIn(counted, "metadata", "deletionTimestamp") !== "" && listIn(counted, "metadata", "finalizers").length === 0;
  if (done && resource !== pods) {
    store.remove(resource, namespace, name);
    return { status: 200, body: counted };
  }
  return { status: 200, body: store.put(resource, counted) };
}

const unowned = (object: JsonObject): JsonObject => withAt(object, ["metadata", "managedFields"], undefined);
const owners = (object: JsonObject): JsonObject => ({
  of: objectsIn(object, "metadata", "managedFields").map((entry) => ({ ...entry, time: null })),
});

function immutable(resource: Resource, name: string, before: JsonObject, after: JsonObject): ApiReply | null {
  if (resource !== statefulsets) return null;
  const frozen = ["serviceName", "selector", "volumeClaimTemplates", "podManagementPolicy"];
  if (frozen.every((key) => isSame(objectIn(before, "spec")[key], objectIn(after, "spec")[key]))) return null;
  const message =
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  return invalid(resource, name, { field: "spec", reason: "FieldValueForbidden", message });
}

/** `application/merge-patch+json`. */
export function mergePatch(context: WriteContext, target: WriteTarget, patch: JsonObject, author: Author): ApiReply {
  const current = context.store.get(target.resource, target.namespace, target.name);
  if (!current) return notFound(target.resource, target.name);
  // The current version stands in only where the patch names none: then nothing is locked.
  return replace(context, target, mergeInto(current, patch), author);
}

function mergeInto(current: JsonObject, patch: JsonObject): JsonObject {
  const out: Record<string, JsonObject[string]> = { ...current };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete out[key];
    else if (isObject(value)) out[key] = mergeInto(objectIn(current, key), value);
    else out[key] = value;
  }
  return out;
}

/** `application/apply-patch+yaml`. */
export function serverSideApply(
  context: WriteContext,
  target: WriteTarget,
  config: JsonObject,
  by: { readonly author: Author; readonly force: boolean },
): ApiReply {
  const { resource, namespace, name } = target;
  const current = context.store.get(resource, namespace, name);
  const uid = textIn(config, "metadata", "uid");
  if (!current && uid !== "") {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    return conflict(resource, name, why);
  }
  const rv = textIn(config, "metadata", "resourceVersion");
  if (current && rv !== "" && rv !== textIn(current, "metadata", "resourceVersion")) return modified(resource, name);
  const result = apply({ resource, live: current ?? {}, config, ...by });
  if ("refused" in result) return result.refused;
  if (current) {
    const next =
      by.author.subresource === null && resource.hasStatus
        ? { ...result.object, status: current["status"] }
        : result.object;
    return settle(context, target, { current, next, author: null });
  }
  const managed = objectIn(result.object, "metadata")["managedFields"];
  const fresh = withAt(born(context, target, result.object), ["metadata", "managedFields"], managed);
  const admitted = context.admit({ operation: "CREATE", resource, object: fresh });
  if ("refused" in admitted) return admitted.refused;
  return { status: 201, body: context.store.put(resource, admitted.object) };
}

/** DELETE. A Pod on a machine waits for its kubelet; an object with finalizers for those who set them. */
export function remove(context: WriteContext, target: WriteTarget, options: JsonObject): ApiReply {
  const { resource, namespace, name } = target;
  const current = context.store.get(resource, namespace, name);
  if (!current) return notFound(resource, name);
  const refused = unmetPrecondition(resource, current, options);
  if (refused) return refused;
  const admitted = context.admit({ operation: "DELETE", resource, object: current });
  if ("refused" in admitted) return admitted.refused;
  const finalizers = finalizersFor(current, options);
  const grace = graceOf(current, options);
  const waits = resource === pods && textIn(current, "spec", "nodeName") !== "" && grace > 0;
  if (waits || finalizers.length > 0) {
    if (textIn(current, "metadata", "deletionTimestamp") !== "") return { status: 200, body: current };
    const seconds = resource === pods ? grace : 0;
    const marks = { deletionTimestamp: context.now(), deletionGracePeriodSeconds: seconds };
    const kept = finalizers.length > 0 ? { finalizers } : {};
    const next = withAt(current, ["metadata"], { ...objectIn(current, "metadata"), ...marks, ...kept });
    return { status: 200, body: context.store.put(resource, next) };
  }
  const gone = context.store.remove(resource, namespace, name) ?? current;
  if (resource.returnsDeleted) return { status: 200, body: gone };
  const group = resource.group === "" ? {} : { group: resource.group };
  const details = { name, ...group, kind: resource.plural, uid: textIn(gone, "metadata", "uid") };
  return { status: 200, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details } };
}

function graceOf(current: JsonObject, options: JsonObject): number {
  return numberIn(options, "gracePeriodSeconds") ?? numberIn(current, "spec", "terminationGracePeriodSeconds") ?? 30;
}

/** With `Orphan` the garbage collector is waited for too: it takes the owner's name out of what the owner had. */
function finalizersFor(current: JsonObject, options: JsonObject): readonly Json[] {
  const known = listIn(current, "metadata", "finalizers");
  const isNew = textIn(options, "propagationPolicy") === "Orphan" && !known.includes(ORPHAN);
  return isNew ? [...known, ORPHAN] : known;
}

/** The finalizer of a deletion that leaves behind what the object owns. */
export const ORPHAN = "orphan";

function unmetPrecondition(resource: Resource, current: JsonObject, options: JsonObject): ApiReply | null {
  for (const [field, title, fate] of [
    ["uid", "UID", "deleted and then recreated"],
    ["resourceVersion", "ResourceVersion", "modified"],
  ] as const) {
    const wanted = textIn(options, "preconditions", field);
    const live = textIn(current, "metadata", field);
    if (wanted !== "" && wanted !== live) {
      const why = `the ${title} in the precondition (${wanted}) does not match the ${title} in record (${live}). The object might have been ${fate}`;
      return unmet(resource, textIn(current, "metadata", "name"), why);
    }
  }
  return null;
}
