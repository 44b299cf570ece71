/** Applies the StatefulSet outside of a plan, for a pause and its end. */
import type { Outcome, SeiNode } from "../../model/index.ts";
import type { Meant } from "../confirm.ts";
import { supersede } from "../outcomes.ts";
import type { ExecutorPorts } from "../ports.ts";
import { applyTo } from "../tasks/apply-statefulset.ts";

/** Scales the StatefulSet as `spec.paused` says: meant while that is what it was. Idempotent. */
export function applyPause(node: SeiNode, ports: ExecutorPorts): Promise<Outcome> {
  const meant: Meant = (newest) => {
    if (newest.metadata.deletionTimestamp !== undefined) return supersede("the node is being deleted");
    return ports.isPaused(newest) === ports.isPaused(node) ? null : supersede("spec.paused changed");
  };
  return applyTo({ node, ports, meant });
}
