import type { SeiNode } from "../../core/node.ts";
import type { Outcome } from "../../core/plan.ts";
import { statefulSetName } from "../../seinode/names.ts";
import { again, applied, failed, unanswered } from "../outcomes.ts";
import type { ExecutorPorts, Task } from "../ports.ts";

/**
 * Applies the StatefulSet. Forced only on one that is this node's, so that nobody else's fields are taken over.
 * Fails with `FOREIGN_OBJECT` when one of that name has another owner. Idempotent.
 */
export const applyStatefulSet: Task = {
  type: "apply-statefulset",
  run: ({ node }, ports) => applySet(node, ports),
};

/** The same outside of a plan, for a pause and its end. */
export async function applySet(node: SeiNode, { objects, recipes, mayAct }: ExecutorPorts): Promise<Outcome> {
  const { namespace, name, uid } = node.metadata;
  const what = `StatefulSet ${statefulSetName(name)}`;
  const found = await objects.statefulSet(namespace, statefulSetName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return unanswered(what, found);
  if (found.kind === "ok" && found.value.ownerUid !== uid) {
    return failed("FOREIGN_OBJECT", `${what}: it exists and is not this node's. Delete or rename one of the two`);
  }
  // What is applied to an object on its way out is gone with it.
  if (found.kind === "ok" && found.value.deleting) return again(1000, `${what}: it is being deleted`);
  if (!mayAct(node)) return { kind: "again", afterMs: 1000, why: "the Lease is not held" };
  const reply = await objects.applyStatefulSet(recipes.statefulSet(node), found.kind === "ok");
  if (reply.kind !== "ok") return unanswered(what, reply);
  return { kind: "done", status: { applied: applied(node, "statefulSet", reply.value.ownedDigest) } };
}
