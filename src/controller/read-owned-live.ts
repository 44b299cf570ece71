/** What stands around one node, read live into the stores: its objects, and the node itself last. */
import type { NodeKey } from "../model/index.ts";
import type { KubeClient, ResourceRef } from "../kube/client/index.ts";
import type { Store } from "../kube/store/index.ts";
import { bootstrapJobName, claimName, podName, serviceName, statefulSetName } from "../seinode/objects/index.ts";
import { readClaim, readJob, readPod, readService, readStatefulSet } from "../seinode/read/index.ts";
import { type Caches, RESOURCES } from "./caches.ts";

/** What it is read with. */
export interface LiveReadOptions {
  readonly client: Pick<KubeClient, "get">;
  readonly caches: Omit<Caches, "reflectors">;
  /** Reads the node alone; false when the API server could not be asked. */
  readonly refresh: (key: NodeKey) => Promise<boolean>;
}

/** Reads it; false when the API server could not be asked for all of it. Never rejects. */
export async function readOwnedLive({ client, caches, refresh }: LiveReadOptions, key: NodeKey): Promise<boolean> {
  const [namespace = "", node = ""] = key.split("/");
  const claim = caches.nodes.reader.get(key)?.status.dataVolume?.claimName ?? claimName(node);
  const read = async <T extends { readonly uid: string }>(
    ref: ResourceRef,
    name: string,
    into: Mirrored<T>,
  ): Promise<boolean> => {
    const at = `${namespace}/${name}`;
    const asked = into.store.reader.get(at)?.uid ?? null;
    const result = await client.get({ ...ref, namespace, name });
    if (!result.ok) {
      if (result.failure.kind === "notFound") into.store.writer.absent(at, asked);
      return result.failure.kind === "notFound";
    }
    const object = into.project(result.value);
    if (object !== null) into.store.accept(object);
    return true;
  };
  const { pods, statefulSets, services, claims, jobs } = caches;
  const answers = await Promise.all([
    read(RESOURCES.statefulSets, statefulSetName(node), { store: statefulSets, project: readStatefulSet }),
    read(RESOURCES.services, serviceName(node), { store: services, project: readService }),
    read(RESOURCES.claims, claim, { store: claims, project: readClaim }),
    read(RESOURCES.pods, podName(node), { store: pods, project: readPod }),
    read(RESOURCES.jobs, bootstrapJobName(node), { store: jobs, project: readJob }),
  ]);
  // The node last: what its status says of objects is then never newer than they are.
  return answers.every(Boolean) && refresh(key);
}

interface Mirrored<T> {
  readonly store: Store<T>;
  readonly project: (raw: unknown) => T | null;
}
