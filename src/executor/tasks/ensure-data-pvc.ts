/** The task `ensure-data-pvc`: the claim of the data volume, made or imported, and its UID in status. */
import type { ClaimView, Outcome, TaskContext } from "../../model/index.ts";
import { claimName } from "../../seinode/objects/index.ts";
import { aimOf, confirmThen, NOTHING_MORE } from "../confirm.ts";
import { importVolume } from "../import-volume.ts";
import { failed, failureOutcome } from "../outcomes.ts";
import type { Task } from "../ports.ts";

const OR_ADOPT = "to run on it, make the SeiNode anew with the annotation tidekeeper.sei.io/adopt";

/**
 * Creates the data volume's claim, or looks at the one that is imported, and notes its UID: the gate is opened on no
 * other. Fails with `FOREIGN_OBJECT` when a claim of that name has another owner, and with `IMPORT_INVALID`. Idempotent.
 */
export const ensureDataPvc: Task = {
  type: "ensure-data-pvc",
  async run(context, ports) {
    const { objects, recipes, imports } = ports;
    const { node } = context;
    const wish = imports.wanted(node);
    if (wish !== null) return importVolume(context, wish, imports);
    const { namespace, name } = node.metadata;
    const wanted = claimName(name);
    const found = await objects.claim(namespace, wanted);
    if (found.kind === "ok") return noted(context, found.value);
    if (found.kind !== "notFound") return failureOutcome(`claim ${wanted}`, found);
    return confirmThen(aimOf(context, ports), NOTHING_MORE, async (effects) => {
      const reply = await effects.objects.createClaim(recipes.claim(node));
      return reply.kind === "ok" ? noted(context, reply.value) : failureOutcome(`claim ${wanted}`, reply);
    });
  },
};

function noted({ node }: TaskContext, claim: ClaimView): Outcome {
  if (claim.ownerUid !== node.metadata.uid) {
    const how = claim.ownerUid === null ? `: ${OR_ADOPT}=${claim.uid}, or import it; else` : ", or";
    const told = `claim ${claim.name}: it exists and is not this node's. Find out whose data it is${how} give the SeiNode another name`;
    return failed("FOREIGN_OBJECT", told);
  }
  if (claim.deleting) return { kind: "again", afterMs: 2000, why: `claim ${claim.name}: it is being deleted` };
  return { kind: "done", status: { dataVolume: { claimName: claim.name, uid: claim.uid } } };
}
