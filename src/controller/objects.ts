/** The executor's objects over the Kubernetes client; what comes back enters the stores like a watch event. */
import { type JsonObject, objectAt, type Permit, stringAt } from "../base/index.ts";
import { type ClaimView, FIELD_MANAGER, REFERENCE_FIELD_MANAGER } from "../model/index.ts";
import type { ObjectReads, ObjectWrites, Precisely, Reply } from "../executor/index.ts";
import {
  type ApiFailure,
  type KubeClient,
  parseLean,
  refusalInWords,
  refusedBy,
  type ResourceRef,
  type Result,
  withPermit,
} from "../kube/client/index.ts";
import type { Store } from "../kube/store/index.ts";
import {
  hasImagesAsMade,
  type OwnedMetadata,
  readClaim,
  readHome,
  readJob,
  readMetadata,
  readPod,
  readService,
  readStatefulSet,
} from "../seinode/read/index.ts";
import { serviceLists, setLists, TO_ON_DELETE } from "../seinode/objects/index.ts";
import { type Caches, RESOURCES } from "./caches.ts";

/** The reads. */
export function objectReads(client: KubeClient, caches: Caches): ObjectReads {
  const { claim, statefulSet, service, pod, job } = views(caches);
  return {
    claim: async (namespace, name) => claim(await client.get({ ...RESOURCES.claims, namespace, name })),
    statefulSet: async (namespace, name) =>
      statefulSet(await client.get({ ...RESOURCES.statefulSets, namespace, name })),
    service: async (namespace, name) => service(await client.get({ ...RESOURCES.services, namespace, name })),
    job: async (namespace, name) => job(await client.get({ ...RESOURCES.jobs, namespace, name })),
    pod: async (namespace, name) => pod(await client.get({ ...RESOURCES.pods, namespace, name }, { parse: parseLean })),
    hasImagesAsMade: async ({ namespace, name, uid }) =>
      replyOf(
        await client.get({ ...RESOURCES.pods, namespace, name }),
        (raw) => stringAt(objectAt(raw, "metadata"), "uid") === uid && hasImagesAsMade(raw),
      ),
  };
}

/** The claim of that name, read live; null = it is gone, undefined = it could not be read. */
export async function claimOf(
  objects: Pick<ObjectReads, "claim">,
  { metadata }: { readonly metadata: { readonly namespace: string } },
  name: string,
): Promise<ClaimView | null | undefined> {
  const reply = await objects.claim(metadata.namespace, name);
  return reply.kind === "ok" ? reply.value : reply.kind === "notFound" ? null : undefined;
}

/** The writes, each request of which is permitted right before it is sent: one write here is up to three requests. */
export function objectWrites(of: KubeClient, caches: Caches, permit: Permit): ObjectWrites {
  const client = toldRefusals(withPermit(of, permit));
  const { claim, statefulSet, service, job } = views(caches);
  return {
    createClaim: async (object) => claim(await created(client, RESOURCES.claims, object)),
    reclaim: async (object, uid) => {
      const { labels = {}, ownerReferences = [] } = objectAt(object, "metadata");
      const metadata = { uid, labels, ownerReferences };
      return claim(await client.mergePatch({ ...RESOURCES.claims, ...placeOf(object) }, { metadata }));
    },
    adoptClaim: async (object, as) => claim(await adopted(client, RESOURCES.claims, { object, as })),
    adoptService: async (object, as) => service(await adopted(client, RESOURCES.services, { object, as })),
    adoptStatefulSet: async (object, as) => statefulSet(await adopted(client, RESOURCES.statefulSets, { object, as })),
    applyStatefulSet: async (object, force) => statefulSet(await appliedSet(client, object, force)),
    setOnDelete: async ({ namespace, name, uid }) =>
      statefulSet(
        await client.mergePatch({ ...RESOURCES.statefulSets, namespace, name }, { metadata: { uid }, ...TO_ON_DELETE }),
      ),
    releaseStatefulSet: async (set) =>
      statefulSet(await released(client, RESOURCES.statefulSets, { kind: STATEFUL_SET, of: set })),
    applyService: async (object, force) => service(await appliedService(client, object, force)),
    releaseService: async (one) => service(await released(client, RESOURCES.services, { kind: SERVICE, of: one })),
    createService: async (object) => service(await created(client, RESOURCES.services, object)),
    createJob: async (object) => job(await created(client, RESOURCES.jobs, object)),
    deleteStatefulSet: (one) => deleted(client, { ref: RESOURCES.statefulSets, one, withOwned: true }),
    deleteClaim: (one) => deleted(client, { ref: RESOURCES.claims, one }),
    deleteService: (one) => deleted(client, { ref: RESOURCES.services, one }),
    deleteJob: (one) => deleted(client, { ref: RESOURCES.jobs, one, withOwned: true }),
    deletePod: (one) => deleted(client, { ref: RESOURCES.pods, one }),
  };
}

/** How each kind of reply is read, and let into its store. */
function views(caches: Caches) {
  return {
    claim: viewed(readClaim, caches.claims),
    statefulSet: viewed(readStatefulSet, caches.statefulSets),
    service: viewed(readService, caches.services),
    pod: viewed(readPod, caches.pods),
    job: viewed(readJob, caches.jobs),
  };
}

interface Deletion {
  readonly ref: ResourceRef;
  readonly one: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** It is gone only after all that it owns. */
  readonly withOwned?: boolean;
}

async function deleted(client: KubeClient, { ref, one, withOwned = false }: Deletion): Promise<Reply<null>> {
  const { namespace, name, uid } = one;
  const how = withOwned ? ({ uid, propagationPolicy: "Foreground" } as const) : { uid };
  return replyOf(await client.remove({ ...ref, namespace, name }, how), () => null);
}

/**
 * A client whose refused writes are told apart from those that ask for patience: a quota, a policy engine and a missing
 * permission all say 403, and a webhook that must be asked and does not answer says 500. To wait for any of them would
 * keep a plan Active, and with it everything else of the node undone.
 */
function toldRefusals(client: KubeClient): KubeClient {
  return {
    ...client,
    mergePatch: async (...request) => toldRefusal(await client.mergePatch(...request)),
    apply: async (...request) => toldRefusal(await client.apply(...request)),
    create: async (...request) => toldRefusal(await client.create(...request)),
    remove: async (...request) => toldRefusal(await client.remove(...request)),
  };
}

function toldRefusal(result: Result<unknown>): Result<unknown> {
  if (result.ok) return result;
  const { failure } = result;
  const isRefused =
    failure.kind === "forbidden" ||
    (failure.kind === "serverError" && WEBHOOK.test(failure.message)) ||
    // Whoever wrote the policy chose the status.
    (failure.status !== null && refusedBy(failure.message) === "policy");
  if (!isRefused) return result;
  return { ok: false, failure: { ...failure, kind: "refused", message: wordsOf(failure.message) } };
}

/** With what mends it, where that is not the object's own affair. */
function wordsOf(message: string): string {
  const words = refusalInWords(message);
  return refusedBy(message) === "permission" ? `${words}. Apply what \`tidekeeper manifests\` prints` : words;
}

const WEBHOOK = /failed calling webhook/;

/**
 * An apply that names nothing, by the reference's field manager: it then owns nothing, and its entry in `managedFields`
 * goes (tried). The UID keeps it from meeting, or making, another object of that name.
 */
function released(client: KubeClient, ref: ResourceRef, { kind, of }: Releasing): Promise<Result<unknown>> {
  const { namespace, name, uid } = of;
  const nothing = { ...kind, metadata: { namespace, name, uid } };
  return client.apply({ ...ref, namespace, name }, nothing, { fieldManager: REFERENCE_FIELD_MANAGER, force: true });
}

/** Owners and labels alone, of an object in exactly the state that it was read in. */
function adopted(client: KubeClient, ref: ResourceRef, { object, as }: Adopting): Promise<Result<unknown>> {
  const { labels = {}, ownerReferences = [] } = objectAt(object, "metadata");
  return client.mergePatch({ ...ref, ...placeOf(object) }, { metadata: { ...as, labels, ownerReferences } });
}

interface Adopting {
  readonly object: JsonObject;
  readonly as: Precisely;
}

interface Releasing {
  readonly kind: JsonObject;
  readonly of: { readonly namespace: string; readonly name: string; readonly uid: string };
}

const STATEFUL_SET = { apiVersion: "apps/v1", kind: "StatefulSet" };
const SERVICE = { apiVersion: "v1", kind: "Service" };

/**
 * Creates an object that must not be there yet, and then applies it, so that its fields are ours as those of all other
 * objects are. An apply alone would touch one that somebody else made in the same moment.
 */
async function created(client: KubeClient, ref: ResourceRef, object: JsonObject): Promise<Result<unknown>> {
  const { namespace, name } = placeOf(object);
  const made = await client.create({ ...ref, namespace }, object);
  if (!made.ok) return made;
  const metadata = { ...objectAt(object, "metadata"), uid: stringAt(objectAt(made.value, "metadata"), "uid") };
  const owned = await client.apply({ ...ref, namespace, name }, { ...object, metadata }, by(true));
  // It is made and it is the node's, whoever is noted as the owner of its fields.
  return owned.ok ? owned : made;
}

async function appliedSet(client: KubeClient, object: JsonObject, force: boolean): Promise<Result<unknown>> {
  const ref = { ...RESOURCES.statefulSets, ...placeOf(object) };
  const first = await client.apply(ref, object, by(force));
  const isCovered = first.ok && !isSameHome(first.value, object);
  return cleared(client, { ref, object, force, first, isCovered, lists: setLists(object) });
}

/** Whether the home in the template is mounted as we would have it: others can put a mount, or a folder, beside what is ours. */
function isSameHome(stored: unknown, object: JsonObject): boolean {
  const [is, wanted] = [stored, object].map((set) =>
    readHome(objectAt(objectAt(objectAt(set, "spec"), "template"), "spec")),
  );
  return is?.claim === wanted?.claim && is?.subPath === wanted?.subPath;
}

async function appliedService(client: KubeClient, object: JsonObject, force: boolean): Promise<Result<unknown>> {
  const ref = { ...RESOURCES.services, ...placeOf(object) };
  const first = await client.apply(ref, object, by(force));
  return cleared(client, { ref, object, force, first, isCovered: false, lists: serviceLists(object) });
}

interface Clearing {
  readonly ref: ResourceRef;
  readonly object: JsonObject;
  readonly force: boolean;
  readonly first: Result<unknown>;
  /** It was taken, and what others put into its lists undoes what is ours. */
  readonly isCovered: boolean;
  /** Merge patch that gives every list of the object our items alone. */
  readonly lists: JsonObject;
}

/**
 * An item that somebody put into a list of an object of ours stays when we apply, and may not be able to stand beside
 * ours: a port moved by hand has its name twice then. Such lists are replaced, and the object is applied once more.
 */
async function cleared(client: KubeClient, clearing: Clearing): Promise<Result<unknown>> {
  const { ref, object, force, first, isCovered, lists } = clearing;
  if (!force || !(isCovered || isRefusedAt(first, ITEM))) return first;
  const patched = await client.mergePatch(ref, lists);
  return patched.ok ? client.apply(ref, object, by(force)) : first;
}

function isRefusedAt(result: Result<unknown>, path: RegExp): boolean {
  return !result.ok && result.failure.kind === "invalid" && path.test(result.failure.message);
}

/** An item of a list, as the API server names it. */
const ITEM = /spec\.(?:ports|template\.spec\.(?:volumes|initContainers|containers))\[/;

function by(force: boolean): { readonly fieldManager: string; readonly force: boolean } {
  return { fieldManager: FIELD_MANAGER, force };
}

function placeOf(object: JsonObject): { readonly namespace: string; readonly name: string } {
  const metadata = objectAt(object, "metadata");
  return { namespace: stringAt(metadata, "namespace") ?? "", name: stringAt(metadata, "name") ?? "" };
}

type Reader<T> = (raw: unknown, metadata?: OwnedMetadata | null) => T | null;

function viewed<T>(read: Reader<T>, store: Store<T>): (result: Result<unknown>) => Reply<T> {
  return (result) => {
    if (!result.ok) return failureReply(result.failure);
    const known = read(result.value);
    if (known !== null) store.accept(known);
    // One that somebody took the label from is no longer mirrored, and yet it is the object of that name.
    const value = known ?? read(result.value, readMetadata(result.value));
    return value === null ? { kind: "failed", why: "the reply is no object" } : { kind: "ok", value };
  };
}

/** What a request came to, as the executor hears it. */
export function replyOf<T>(result: Result<unknown>, read: (raw: unknown) => T): Reply<T> {
  return result.ok ? { kind: "ok", value: read(result.value) } : failureReply(result.failure);
}

function failureReply(failure: ApiFailure): Exclude<Reply<never>, { kind: "ok" }> {
  const { kind, message: why } = failure;
  if (kind === "notFound") return { kind };
  if (kind === "conflict" || kind === "alreadyExists") return { kind: "conflict", why };
  // A read that is forbidden may be permitted while we wait; an object that is refused as it is will be refused again.
  return { kind: kind === "invalid" || kind === "refused" ? "refused" : "failed", why };
}
