/** The core's port to reading: the mirrors, and the API server where they are not enough. */
import type { NodeKey, OwnedObjects, SeiNode } from "../model/index.ts";
import type { Reader } from "../core/index.ts";
import { type ExecutorPorts, readStanding } from "../executor/index.ts";
import type { KubeClient } from "../kube/client/index.ts";
import type { Clock } from "../base/index.ts";
import { type Caches, silentMirrors } from "./caches.ts";
import { readOwnedLive } from "./read-owned-live.ts";
import type { NoPods } from "./no-pod.ts";
import { claimOf } from "./objects.ts";
import type { PeerIndex } from "./peer-index.ts";

/** What it is made of. */
export interface ReaderParts {
  readonly client: Pick<KubeClient, "get">;
  readonly caches: Caches;
  readonly clock: Pick<Clock, "mono">;
  readonly peers: PeerIndex;
  readonly noPods: NoPods;
  readonly executor: ExecutorPorts;
  readonly owned: (node: SeiNode) => OwnedObjects;
  /** Reads the node live into the store; false when the API server could not be asked. */
  readonly refresh: (key: NodeKey) => Promise<boolean>;
}

/** Builds it. */
export function readerPort(parts: ReaderParts): Reader {
  const { client, caches, clock, peers, noPods, executor, owned, refresh } = parts;
  return {
    node: (key) => caches.nodes.reader.get(key),
    owned,
    refresh,
    refreshOwned: (key) => readOwnedLive({ client, caches, refresh }, key),
    claim: (node, name) => claimOf(executor.objects, node, name),
    standing: (node) => readStanding(node, executor),
    trouble: (node, objects) => objects.pod?.trouble ?? noPods.of(node, objects),
    silent: () => silentMirrors(caches, clock.mono()),
    peersVersion: () => peers.version(),
  };
}
