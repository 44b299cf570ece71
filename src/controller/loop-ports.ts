/** The five ports of the core, put together. */
import type { NodeKey, OwnedObjects, SeiNode } from "../model/index.ts";
import type { Ports } from "../core/index.ts";
import { createClient, type KubeClient, parseLean } from "../kube/client/index.ts";
import { createBudgets } from "./budgets.ts";
import type { Caches } from "./caches.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { executorPorts } from "./executor-ports.ts";
import { factsPort } from "./facts.ts";
import type { ImportedClaims } from "./imported-claims.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { NoPods } from "./no-pod.ts";
import type { PeerIndex } from "./peer-index.ts";
import { policyPort } from "./policy.ts";
import { readerPort } from "./reader.ts";
import { sidecarsPort } from "./sidecars.ts";
import { ownedObjects } from "./owned-objects.ts";
import { statusWriter, type StatusWriterOptions, writerPort } from "./writer.ts";

/** What they are made of, besides what the controller is. */
export interface LoopPortParts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly facts: NodeFacts;
  readonly peers: PeerIndex;
  readonly imports: ImportedClaims;
  readonly noPods: NoPods;
  /** Which part of the nodes others may be working on at this very moment, and how many parts there are. */
  readonly parts: { readonly count: number; readonly of: (key: NodeKey) => number };
  readonly turn: StatusWriterOptions["turn"];
}

/** Builds them. */
export function loopPorts(options: ControllerOptions, from: LoopPortParts): Ports {
  const { client, caches, facts, peers, imports, noPods, parts, turn } = from;
  const { clock, timers, mayWrite, mode, report } = options;
  const owned = (node: SeiNode): OwnedObjects => {
    const found = ownedObjects(caches, node);
    const imported = imports.claimOf(node);
    const claim = imported === undefined ? found.claim : imported;
    return { ...found, claim, sidecarImage: facts.sidecarImage(node) };
  };
  const direct = createClient(options.api, parseLean);
  const status = statusWriter({ client, direct, turn, mayWrite }, caches.nodes);
  const access = { route: options.route, direct: options.direct, api: options.api, portOf: facts.sidecarPort };
  const policy = policyPort({
    mode,
    mayWrite,
    budgets: createBudgets({ ...options, nodes: caches.nodes.reader, parts }),
  });
  const mayAct = (node: SeiNode): boolean => policy.mayAct(node);
  const refresh = (key: NodeKey): Promise<boolean> => status.refresh(key);
  const executor = executorPorts({ client, caches, facts, imports, refresh, access, clock, timers, owned, mayAct });
  return {
    reader: readerPort({ client, caches, clock, peers, noPods, executor, owned, refresh }),
    writer: writerPort({ status, executor, send: options.send }),
    sidecars: sidecarsPort(access, {
      clock,
      probed: (namespace, outcome, tookMs) => report.probed(namespace, outcome, tookMs),
    }),
    facts: factsPort(facts),
    policy,
  };
}
