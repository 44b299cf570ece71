/** Owner references and volume protection: what goes when its owner, or its last user, is gone. */
import type { JsonObject, Timers } from "../base/index.ts";
import { listIn, objectsIn, textIn, withAt } from "./json-path.ts";
import { claims, pods, type Resource, resources } from "./resource.ts";
import type { Author } from "./managed-fields.ts";
import { ORPHAN, remove, replace, type WriteContext } from "./write.ts";

/** Starts the collector; `lagMs` = from a deletion to its consequences. */
export function runGarbage(context: WriteContext, timers: Timers, lagMs: () => number): void {
  const { store } = context;
  store.subscribe(({ type, resource, object }) => {
    const isDeleting = textIn(object, "metadata", "deletionTimestamp") !== "";
    const isLeft = isDeleting && type !== "DELETED" && listIn(object, "metadata", "finalizers").includes(ORPHAN);
    if (isLeft) timers.after(lagMs(), () => orphan(context, { resource, owner: object }));
    if (type !== "DELETED" && !(resource === claims && isDeleting)) return;
    timers.after(lagMs(), () => {
      if (type === "DELETED") collect(context, object, timers);
      if (resource === pods || resource === claims) releaseClaims(context, textIn(object, "metadata", "namespace"));
    });
  });
}

/** What admission refuses is tried again after a while. */
const REFUSED_AGAIN_MS = 1000;

function collect(context: WriteContext, owner: JsonObject, timers: Timers): void {
  let isRefused = false;
  const uid = textIn(owner, "metadata", "uid");
  const namespace = textIn(owner, "metadata", "namespace");
  for (const resource of resources) {
    for (const object of context.store.list(resource, namespace)) {
      if (!objectsIn(object, "metadata", "ownerReferences").some((one) => one["uid"] === uid)) continue;
      const { status } = remove(context, { resource, namespace, name: textIn(object, "metadata", "name") }, {});
      isRefused ||= status >= 400;
    }
  }
  if (isRefused) timers.after(REFUSED_AGAIN_MS, () => collect(context, owner, timers));
}

function releaseClaims(context: WriteContext, namespace: string): void {
  const used = new Set(context.store.list(pods, namespace).flatMap(claimsOf));
  for (const claim of context.store.list(claims, namespace)) {
    const name = textIn(claim, "metadata", "name");
    if (textIn(claim, "metadata", "deletionTimestamp") === "" || used.has(name)) continue;
    const bare = withAt(claim, ["metadata", "finalizers"], undefined);
    replace(context, { resource: claims, namespace, name }, bare, authorOf(context));
  }
}

function authorOf({ now }: WriteContext): Author {
  return { manager: "kube-controller-manager", operation: "Update", subresource: null, time: now() };
}

/** Takes the owner's name out of what it owned, and then its own finalizer off the owner. */
function orphan(
  context: WriteContext,
  { resource, owner }: { readonly resource: Resource; readonly owner: JsonObject },
): void {
  const { store } = context;
  const namespace = textIn(owner, "metadata", "namespace");
  const uid = textIn(owner, "metadata", "uid");
  for (const kind of resources) {
    for (const object of store.list(kind, namespace)) {
      const owners = objectsIn(object, "metadata", "ownerReferences");
      if (!owners.some((one) => one["uid"] === uid)) continue;
      const others = owners.filter((one) => one["uid"] !== uid);
      const name = textIn(object, "metadata", "name");
      replace(
        context,
        { resource: kind, namespace, name },
        withAt(object, ["metadata", "ownerReferences"], others.length === 0 ? undefined : others),
        authorOf(context),
      );
    }
  }
  const name = textIn(owner, "metadata", "name");
  const live = store.get(resource, namespace, name);
  if (!live || textIn(live, "metadata", "uid") !== uid) return;
  const left = listIn(live, "metadata", "finalizers").filter((one) => one !== ORPHAN);
  replace(context, { resource, namespace, name }, withAt(live, ["metadata", "finalizers"], left), authorOf(context));
}

/** Names of the claims a Pod mounts. */
export function claimsOf(pod: JsonObject): readonly string[] {
  const names = objectsIn(pod, "spec", "volumes").map((volume) => textIn(volume, "persistentVolumeClaim", "claimName"));
  return names.filter((name) => name !== "");
}
