/**
 * `status.initDigest`: what the spec was where only bringing the node up applies it. The plan that does so notes it as it is
 * made. Where none is noted, the first spec that is seen of a Running node stands for it, written with the next patch that
 * goes out anyway: a new version would write a whole fleet.
 *
 * Nothing is done by it, so a CRD that is too old to keep it stops nobody: it is not sent again, and nothing is told.
 */
import type { JsonObject } from "../base/index.ts";
import type { ReconcileContext } from "./context.ts";

/** Notes it in a draft that is stored anyway; whether it did. */
export function noteBaseline({ draft, node, memory, loop }: ReconcileContext): boolean {
  const { phase, initDigest } = draft.status;
  if (phase !== "Running" || initDigest !== undefined || memory.dropsInitDigest) return false;
  const fields = loop.facts.initFields(node);
  if (fields === null) return false;
  draft.set({ initDigest: fields.digest });
  return true;
}

/** Takes in whether it came back. */
export function noteDropped({ memory }: Pick<ReconcileContext, "memory">, sent: JsonObject, got: JsonObject): void {
  if (sent["initDigest"] !== undefined) memory.dropsInitDigest = got["initDigest"] === undefined;
}

/** The same of a plan of init as it is made: its params are of this spec, whatever is edited while it is under way. */
export function initDigestOf({ loop, node, memory }: ReconcileContext): { readonly initDigest?: string } {
  const fields = memory.dropsInitDigest ? null : loop.facts.initFields(node);
  return fields === null ? {} : { initDigest: fields.digest };
}
