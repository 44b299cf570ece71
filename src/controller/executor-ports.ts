/** What the executor is given: reads of stores and of the API server, sidecars to ask, and the one door to effects. */
import { keyOf, type NodeKey, type OwnedObjects, type SeiNode } from "../model/index.ts";
import type { Effects, ExecutorPorts } from "../executor/index.ts";
import type { Clock, Permit, Timers } from "../base/index.ts";
import type { KubeClient } from "../kube/client/index.ts";
import type { Caches } from "./caches.ts";
import type { ImportedClaims } from "./imported-claims.ts";
import type { NodeFacts } from "./node-facts.ts";
import { objectReads, objectWrites } from "./objects.ts";
import { type SidecarAccess, sidecarOf, submitTo } from "./sidecars.ts";
import { bootstrapJobOf, podsOf } from "./owned-objects.ts";

/** What they are built from. */
export interface ExecutorParts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly facts: NodeFacts;
  readonly imports: ImportedClaims;
  /** Reads the node live into the store; false when the API server could not be asked. */
  readonly refresh: (key: NodeKey) => Promise<boolean>;
  readonly access: SidecarAccess;
  readonly clock: Pick<Clock, "mono">;
  readonly timers: Timers;
  readonly owned: (node: SeiNode) => OwnedObjects;
  readonly mayAct: (node: SeiNode) => boolean;
}

/** Builds them. */
export function executorPorts(parts: ExecutorParts): ExecutorPorts {
  const { client, caches, facts, imports, refresh, access, clock, timers, owned, mayAct } = parts;
  const effects = (permit: Permit): Effects => ({
    objects: objectWrites(client, caches, permit),
    submit: submitTo(access, owned, permit),
  });
  return {
    effects,
    objects: objectReads(client, caches),
    newest: ({ metadata }) => {
      const newest = caches.nodes.reader.get(keyOf(metadata));
      return newest?.metadata.uid === metadata.uid ? newest : null;
    },
    refresh: ({ metadata }) => refresh(keyOf(metadata)),
    recipes: facts.recipes,
    imports: imports.port,
    owned,
    pods: (node) => podsOf(caches, node),
    bootstrapJob: (node) => bootstrapJobOf(caches, node),
    sidecar: (node, objects) => sidecarOf(access, node, objects),
    isPaused: ({ spec }) => spec["paused"] === true,
    mono: () => clock.mono(),
    pause: (ms) => new Promise((resolve) => void timers.after(ms, () => resolve())),
    mayAct,
  };
}
