import { claimName } from "../../seinode/names.ts";
import { importVolume } from "../import-volume.ts";
import { failed, unanswered } from "../outcomes.ts";
import type { Task } from "../ports.ts";

const OR_ADOPT = "to run on it, make the SeiNode anew with the annotation tidekeeper.sei.io/adopt";

/**
 * Creates the data volume's claim, or looks at the one that is imported, and notes its UID: the gate is opened on no
 * other. Fails with `FOREIGN_OBJECT` when a claim of that name has another owner, and with `IMPORT_INVALID`. Idempotent.
 */
export const ensureDataPvc: Task = {
  type: "ensure-data-pvc",
  async run(context, { objects, recipes, imports, mayAct }) {
    const { node } = context;
    const wish = imports.wanted(node);
    if (wish !== null) return importVolume(context, wish, imports);
    const { namespace, name, uid } = node.metadata;
    const wanted = claimName(name);
    const found = await objects.claim(namespace, wanted);
    if (found.kind === "notFound" && !mayAct(node)) {
      return { kind: "again", afterMs: 1000, why: "the Lease is not held" };
    }
    const reply = found.kind === "notFound" ? await objects.createClaim(recipes.claim(node)) : found;
    if (reply.kind !== "ok") return unanswered(`claim ${wanted}`, reply);
    const claim = reply.value;
    if (claim.ownerUid !== uid) {
      const how = claim.ownerUid === null ? `: ${OR_ADOPT}=${claim.uid}, or import it; else` : ", or";
      const told = `claim ${wanted}: it exists and is not this node's. Find out whose data it is${how} give the SeiNode another name`;
      return failed("FOREIGN_OBJECT", told);
    }
    if (claim.deleting) return { kind: "again", afterMs: 2000, why: `claim ${wanted}: it is being deleted` };
    return { kind: "done", status: { dataVolume: { claimName: wanted, uid: claim.uid } } };
  },
};
