/** What the executor is given: reads of stores and of the API server, sidecars to look at, and the one door to effects. */
import { keyOf, type SeiNode, type Surroundings } from "../model/index.ts";
import type { Effects, ExecutorPorts, Permit } from "../executor/index.ts";
import type { KubeClient } from "../kube/client/index.ts";
import type { Clock, Timers } from "../base/index.ts";
import type { Caches } from "./caches.ts";
import type { ImportedClaims } from "./imported-claims.ts";
import type { NodeFacts } from "./node-facts.ts";
import { objectReads, objectWrites } from "./objects.ts";
import { type SidecarAccess, sidecarOf } from "./sidecars.ts";
import type { StatusWriter } from "./status-writer.ts";
import { bootstrapJobOf, podsOf } from "./surroundings.ts";

/** What they are built from. */
export interface ExecutorParts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly facts: NodeFacts;
  readonly imports: ImportedClaims;
  readonly writer: Pick<StatusWriter, "refresh">;
  readonly access: SidecarAccess;
  readonly clock: Pick<Clock, "mono">;
  readonly timers: Timers;
  readonly around: (node: SeiNode) => Surroundings;
  readonly mayAct: (node: SeiNode) => boolean;
}

/** Builds them. */
export function executorPorts(parts: ExecutorParts): ExecutorPorts {
  const { client, caches, facts, imports, writer, access, clock, timers, around, mayAct } = parts;
  const effects = (permit: Permit): Effects => ({
    objects: objectWrites(client, caches, permit),
    async submit({ node, pod }, task, signal) {
      const sidecar = sidecarOf(access, node, { ...around(node), pod });
      if (sidecar === null) return { kind: "unreachable", cause: "there is no Pod that could answer" };
      return sidecar.submit(task, signal, permit);
    },
  });
  return {
    effects,
    objects: objectReads(client, caches),
    newest: ({ metadata }) => {
      const newest = caches.nodes.reader.get(keyOf(metadata));
      return newest?.metadata.uid === metadata.uid ? newest : null;
    },
    refresh: ({ metadata }) => writer.refresh(keyOf(metadata)),
    recipes: facts.recipes,
    imports: imports.port,
    around,
    pods: (node) => podsOf(caches, node),
    bootstrapJob: (node) => bootstrapJobOf(caches, node),
    sidecar: (node, objects) => sidecarOf(access, node, objects),
    isPaused: ({ spec }) => spec["paused"] === true,
    mono: () => clock.mono(),
    pause: (ms) => new Promise((resolve) => void timers.after(ms, () => resolve())),
    mayAct,
  };
}
