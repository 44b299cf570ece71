/** The stores of one node, filled by hand: no reflector, no server. */
import type { SeiNode } from "../../src/core/node.ts";
import { keyOf } from "../../src/core/node.ts";
import type { ClaimView, JobView, PodView, ServiceView, StatefulSetView } from "../../src/core/views.ts";
import { type Caches, nodeKeyOf } from "../../src/cli/controller/caches.ts";
import { createStore } from "../../src/kube/store.ts";

/** Empty stores as the controller has them. */
export function emptyCaches(): Caches {
  const owned = <T extends { namespace: string; name: string; node: string; resourceVersion: string }>() =>
    createStore<T>({
      keyOf: (object) => `${object.namespace}/${object.name}`,
      versionOf: (object) => object.resourceVersion,
      indexBy: nodeKeyOf,
    });
  return {
    nodes: createStore<SeiNode>({
      keyOf: (node) => keyOf(node.metadata),
      versionOf: (node) => node.metadata.resourceVersion,
    }),
    pods: owned<PodView>(),
    statefulSets: owned<StatefulSetView>(),
    services: owned<ServiceView>(),
    claims: owned<ClaimView>(),
    jobs: owned<JobView>(),
    reflectors: new Map(),
  };
}
