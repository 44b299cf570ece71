/** Judgements of nodes, as a look at a cluster gives them. */
import type { Condition, DriftReport, NodeStatus, SeiNode } from "../../src/model/index.ts";
import type { Facts } from "../../src/laptop/check.ts";
import type { Finding } from "../../src/laptop/journal.ts";
import type { Judgement } from "../../src/laptop/judge-fleet.ts";
import type { SeenLease } from "../../src/laptop/leases.ts";

/** Now, in all of these tests. */
export const NOW = Date.parse("2026-01-02T03:04:05Z");

/** A condition since a minute ago. */
export function condition(type: string, status: Condition["status"], reason: string, message = ""): Condition {
  return { type, status, reason, message, lastTransitionTime: "2026-01-02T03:03:05Z", observedGeneration: 1 };
}

/** A Running node with this besides in its status. */
export function nodeWith(status: NodeStatus = {}, metadata: Partial<SeiNode["metadata"]> = {}): SeiNode {
  return {
    metadata: { namespace: "sei", name: "rpc-0", uid: "u", resourceVersion: "1", generation: 1, ...metadata },
    spec: { chainId: "sei-test", image: "sei:1", fullNode: {} },
    status: { phase: "Running", ...status },
  };
}

/** What a detector that acts found. */
export function finding(detector: string, drift: Finding["drift"] = null): Finding {
  return { detector, mode: "act", observed: undefined, drift, failure: null, wasAsked: true };
}

/** A drift as the loop reports it. */
export function drifting(detector: string, reason: string, waits: DriftReport["waits"] = null): DriftReport {
  return { detector, mode: "observe", reason, message: `${reason} it is`, tasks: ["mark-ready"], waits };
}

/** A judgement of this node. */
export function judged(node: SeiNode, besides: Partial<Judgement> = {}): Judgement {
  const owned = { pod: null, statefulSet: null, service: null, claim: null };
  return { stored: node, node, owned, drifts: [], findings: [], problem: null, ...besides };
}

/** A Lease that somebody renews. */
export function lease(besides: Partial<SeenLease> = {}): SeenLease {
  return {
    namespace: "ops",
    name: "tidekeeper.sei.io",
    holder: "tidekeeper-0",
    renewedAgo: 2,
    isAlive: true,
    scope: { namespace: null, selector: null },
    ...besides,
  };
}

/** Facts about a node that a living controller looks after. */
export function factsOf(judgement: Judgement, besides: Partial<Facts> = {}): Facts {
  return {
    judgement,
    leases: { ours: [lease()], reference: [], fault: null },
    isSelected: () => true,
    hasPlace: () => true,
    events: [],
    now: NOW,
    ...besides,
  };
}
