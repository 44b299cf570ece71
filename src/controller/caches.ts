/** The six collections the loop lives on, mirrored and trimmed. */
import {
  type ClaimView,
  GROUP,
  type JobView,
  keyOf,
  NODE_LABEL,
  PLURAL,
  type PodView,
  type SeiNode,
  type ServiceView,
  type StatefulSetView,
  VERSION,
} from "../model/index.ts";
import { parseLean, resourcePath, type ResourceRef } from "../kube/client/index.ts";
import { type Reflector, type ReflectorOptions, type ReflectorReport, startReflector } from "../kube/watch/index.ts";
import { createStore, type Store } from "../kube/store/index.ts";
import type { ApiTransport, Clock, Random, Timers } from "../base/index.ts";
import { podName } from "../seinode/objects/index.ts";
import { readClaim, readJob, readNode, readPod, readService, readStatefulSet } from "../seinode/read/index.ts";

/** The stores, and how their mirrors are doing. */
export interface Caches {
  readonly nodes: Store<SeiNode>;
  readonly pods: Store<PodView>;
  readonly statefulSets: Store<StatefulSetView>;
  readonly services: Store<ServiceView>;
  readonly claims: Store<ClaimView>;
  /** Bootstrap Jobs. */
  readonly jobs: Store<JobView>;
  /** By resource name, as RBAC has it. */
  readonly reflectors: ReadonlyMap<string, Reflector>;
}

/** A watch is ended by the server within 45 s, and by us at 50 s where nothing comes at all. */
const SILENT_MS = 60_000;

/** Resources whose watch has told nothing for longer than a watch lasts: their stores may be old. */
export function silentMirrors({ reflectors }: Pick<Caches, "reflectors">, mono: number): readonly string[] {
  const isSilent = ({ health: { heardMono } }: Reflector): boolean =>
    heardMono !== null && mono - heardMono > SILENT_MS;
  return [...reflectors].filter(([, reflector]) => isSilent(reflector)).map(([name]) => name);
}

/** What to mirror. */
export interface CacheOptions {
  readonly transport: ApiTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Null = every namespace. */
  readonly namespace: string | null;
  /** Label selector of SeiNodes; null = all. */
  readonly selector: string | null;
  readonly report: (report: ReflectorReport) => void;
  readonly signal: AbortSignal;
}

/** Where each kind of object lives. */
export const RESOURCES = {
  nodes: { group: GROUP, version: VERSION, plural: PLURAL },
  pods: { group: "", version: "v1", plural: "pods" },
  statefulSets: { group: "apps", version: "v1", plural: "statefulsets" },
  claims: { group: "", version: "v1", plural: "persistentvolumeclaims" },
  services: { group: "", version: "v1", plural: "services" },
  jobs: { group: "batch", version: "v1", plural: "jobs" },
} as const satisfies Record<string, ResourceRef>;

/** The key of an owned object's node. */
export function nodeKeyOf(owned: { readonly namespace: string; readonly node: string }): string {
  return `${owned.namespace}/${owned.node}`;
}

/** Empty stores. */
export function createStores(): Omit<Caches, "reflectors"> {
  const owned = <T extends { namespace: string; name: string; uid: string; resourceVersion: string }>(
    indexBy?: (object: T) => string | null,
  ) =>
    createStore<T>({
      keyOf: (object) => `${object.namespace}/${object.name}`,
      versionOf: (object) => object.resourceVersion,
      uidOf: (object) => object.uid,
      packed: true,
      ...(indexBy === undefined ? {} : { indexBy }),
    });
  return {
    nodes: createStore<SeiNode>({
      keyOf: (node) => keyOf(node.metadata),
      versionOf: (node) => node.metadata.resourceVersion,
      uidOf: (node) => node.metadata.uid,
      packed: true,
    }),
    // Of Pods alone a node may have others than the one that is found by name.
    pods: owned<PodView>((pod) => (pod.name === podName(pod.node) ? null : nodeKeyOf(pod))),
    statefulSets: owned<StatefulSetView>(),
    services: owned<ServiceView>(),
    claims: owned<ClaimView>(),
    jobs: owned<JobView>(),
  };
}

/** Begins to mirror; the stores fill as the lists come in. */
export function startCaches(options: CacheOptions): Caches {
  const stores = createStores();
  const { nodes, pods, statefulSets, services, claims, jobs } = stores;
  const label = { labelSelector: NODE_LABEL };
  const mirror = <T>(
    ref: ResourceRef,
    store: Store<T>,
    what: Pick<ReflectorOptions<T>, "project" | "parse"> & { readonly query: { readonly labelSelector?: string } },
  ): [string, Reflector] => {
    const { namespace, selector: _selector, ...rest } = options;
    const path = resourcePath(namespace === null ? ref : { ...ref, namespace });
    return [ref.plural, startReflector({ ...rest, path, store, ...what })];
  };
  const selected = options.selector === null ? {} : { labelSelector: options.selector };
  return {
    ...stores,
    // Of what we apply, who set which field is read too.
    reflectors: new Map([
      mirror(RESOURCES.nodes, nodes, { project: readNode, parse: parseLean, query: selected }),
      mirror(RESOURCES.pods, pods, { project: readPod, parse: parseLean, query: label }),
      mirror(RESOURCES.statefulSets, statefulSets, { project: readStatefulSet, query: label }),
      mirror(RESOURCES.services, services, { project: readService, query: label }),
      mirror(RESOURCES.claims, claims, { project: readClaim, parse: parseLean, query: label }),
      mirror(RESOURCES.jobs, jobs, { project: readJob, parse: parseLean, query: label }),
    ]),
  };
}
