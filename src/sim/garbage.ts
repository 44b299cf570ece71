/** Owner references and volume protection: what goes when its owner, or its last user, is gone. */
import type { JsonObject } from "../core/json.ts";
import type { Timers } from "../core/world.ts";
import { objectsAt, textAt, withAt } from "./json-path.ts";
import { claims, pods, resources } from "./resource.ts";
import { remove, replace, type WriteContext } from "./write.ts";

/** Starts the collector; `lagMs` = from a deletion to its consequences. */
export function runGarbage(context: WriteContext, timers: Timers, lagMs: () => number): void {
  const { store } = context;
  store.subscribe(({ type, resource, object }) => {
    const isDeleting = textAt(object, "metadata", "deletionTimestamp") !== "";
    if (type !== "DELETED" && !(resource === claims && isDeleting)) return;
    timers.after(lagMs(), () => {
      if (type === "DELETED") collect(context, object);
      if (resource === pods || resource === claims) releaseClaims(context, textAt(object, "metadata", "namespace"));
    });
  });
}

function collect(context: WriteContext, owner: JsonObject): void {
  const uid = textAt(owner, "metadata", "uid");
  const namespace = textAt(owner, "metadata", "namespace");
  for (const resource of resources) {
    for (const object of context.store.list(resource, namespace)) {
      if (!objectsAt(object, "metadata", "ownerReferences").some((one) => one["uid"] === uid)) continue;
      remove(context, { resource, namespace, name: textAt(object, "metadata", "name") }, {});
    }
  }
}

function releaseClaims(context: WriteContext, namespace: string): void {
  const used = new Set(context.store.list(pods, namespace).flatMap(claimsOf));
  for (const claim of context.store.list(claims, namespace)) {
    const name = textAt(claim, "metadata", "name");
    if (textAt(claim, "metadata", "deletionTimestamp") === "" || used.has(name)) continue;
    const author = {
      manager: "kube-controller-manager",
      operation: "Update",
      subresource: null,
      time: context.now(),
    } as const;
    replace(
      context,
      { resource: claims, namespace, name },
      withAt(claim, ["metadata", "finalizers"], undefined),
      author,
    );
  }
}

/** Names of the claims a Pod mounts. */
export function claimsOf(pod: JsonObject): readonly string[] {
  const names = objectsAt(pod, "spec", "volumes").map((volume) => textAt(volume, "persistentVolumeClaim", "claimName"));
  return names.filter((name) => name !== "");
}
