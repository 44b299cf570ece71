/** The task `ensure-data-pvc`: the claim of the data volume, made or imported, and its UID in status. */
import type { ClaimView, Outcome, TaskContext } from "../../model/index.ts";
import { claimName } from "../../seinode/objects/index.ts";
import { aimOf, confirmThen, NOTHING_MORE } from "../confirm.ts";
import { importVolume } from "../import-volume.ts";
import { checkAgain } from "../check-again.ts";
import type { ExecutorPorts } from "../ports.ts";
import { done, fail, failureOutcome, failForeign } from "../outcomes.ts";
import { controllerStep, type KeptContext, type Task } from "../task.ts";

const OR_ADOPT = "to run on it, make the SeiNode anew with the annotation tidekeeper.sei.io/adopt";

/**
 * Creates the data volume's claim, or looks at the one that is imported, and notes its UID: the gate is opened on no
 * other. Fails with `FOREIGN_OBJECT` when a claim of that name has another owner, and with `IMPORT_INVALID`. Idempotent.
 */
export const ensureDataPvc: Task = controllerStep({
  type: "ensure-data-pvc",
  about: "makes the claim of the data volume, or looks at the one that is imported",
  rbac: [
    { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "create", "patch"] },
    { apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get"] },
  ],
  async run(context, ports) {
    const { objects, recipes, imports } = ports;
    const { node } = context;
    const wish = imports.wanted(node);
    if (wish !== null) return importVolume(context, wish, imports);
    const { namespace, name } = node.metadata;
    const wanted = claimName(name);
    const found = await objects.claim(namespace, wanted);
    if (found.kind === "ok") return noteClaim(context, found.value);
    if (found.kind !== "notFound") return failureOutcome(`claim ${wanted}`, found);
    return confirmThen(aimOf(context, ports), NOTHING_MORE, async (effects) => {
      const reply = await effects.objects.createClaim(recipes.claim(node));
      return reply.kind === "ok" ? noteClaim(context, reply.value) : failureOutcome(`claim ${wanted}`, reply);
    });
  },
  makes: "dataVolume",
  keeper: { stands: hasClaim, restore: claimAgain },
});

function noteClaim({ node }: TaskContext, claim: ClaimView): Outcome {
  if (claim.ownerUid !== node.metadata.uid) {
    const how = claim.ownerUid === null ? `: ${OR_ADOPT}=${claim.uid}, or import it; else` : ", or";
    const told = `claim ${claim.name}: it exists and is not this node's. Find out whose data it is${how} give the SeiNode another name`;
    return fail("FOREIGN_OBJECT", told);
  }
  if (claim.deleting) return { kind: "again", afterMs: 2000, why: `claim ${claim.name}: it is being deleted` };
  return { kind: "done", status: { dataVolume: { claimName: claim.name, uid: claim.uid } } };
}

/** An imported volume is never written to, whatever its name, and one under another name is not ours to make again. */
function hasClaim({ node }: TaskContext, ports: ExecutorPorts): boolean {
  const { name, uid } = node.metadata;
  const known = node.status.dataVolume;
  if (known?.claimName !== claimName(name) || ports.imports.wanted(node) !== null) return true;
  const { claim } = ports.owned(node);
  return claim?.uid === known.uid && claim.ownerUid === uid && claim.node === name;
}

/** After a sidecar has finished a step it is made no more: a blank volume would be configured by half. */
async function claimAgain(context: KeptContext, ports: ExecutorPorts): Promise<Outcome> {
  const { node } = context;
  const { namespace, name } = node.metadata;
  const what = `claim ${claimName(name)}`;
  const found = await ports.objects.claim(namespace, claimName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return failureOutcome(what, found);
  if (found.kind === "ok" && found.value.uid === node.status.dataVolume?.uid) {
    return reclaim(context, found.value, ports);
  }
  if (!context.isConfigured) return checkAgain(ensureDataPvc.run(context, ports));
  return fail("DATA_VOLUME_LOST", `${what}: it is gone, with what was brought onto it`);
}

/** The very claim that was noted, without its label or its owner. */
async function reclaim(
  context: TaskContext,
  claim: { readonly ownerUid: string | null; readonly node: string },
  ports: ExecutorPorts,
): Promise<Outcome> {
  const { node } = context;
  const { name, uid } = node.metadata;
  const what = `claim ${claimName(name)}`;
  if (claim.ownerUid === uid && claim.node === name) return done;
  if (claim.ownerUid !== null && claim.ownerUid !== uid) return failForeign(what);
  return confirmThen(aimOf(context, ports), NOTHING_MORE, async ({ objects }) => {
    const reply = await objects.reclaim(ports.recipes.claim(node), node.status.dataVolume?.uid ?? "");
    return reply.kind === "ok" ? checkAgain(Promise.resolve(done)) : failureOutcome(what, reply);
  });
}
