import type { SeiNode } from "../../core/node.ts";
import type { Outcome } from "../../core/plan.ts";
import type { StatefulSetView } from "../../core/views.ts";
import { statefulSetName } from "../../seinode/names.ts";
import { rewrittenBy } from "../../seinode/template-images.ts";
import { again, applied, foreign, isOwn, notHeld, unanswered } from "../outcomes.ts";
import type { ExecutorPorts, Task } from "../ports.ts";

/**
 * Applies the StatefulSet. Forced only on one that is this node's, so that nobody else's fields are taken over.
 * Fails with `FOREIGN_OBJECT` when one of that name has another owner. Idempotent.
 *
 * One that the reference left behind is taken over in three writes, each of which may be the last before a crash: no
 * Pod is replaced by what comes after the first, and what the reference owned is given up only when all is ours.
 */
export const applyStatefulSet: Task = {
  type: "apply-statefulset",
  run: ({ node }, ports) => applySet(node, ports),
};

/** The same outside of a plan, for a pause and its end. */
export async function applySet(node: SeiNode, ports: ExecutorPorts): Promise<Outcome> {
  const { objects, recipes, mayAct } = ports;
  const { namespace, name } = node.metadata;
  const what = `StatefulSet ${statefulSetName(name)}`;
  const found = await objects.statefulSet(namespace, statefulSetName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return unanswered(what, found);
  if (found.kind === "ok" && !isOwn(node, "statefulSet", found.value)) return foreign(what);
  const unready = found.kind === "ok" ? await madeReady(node, found.value, { what, ports }) : null;
  if (unready !== null) return unready;
  if (!mayAct(node)) return notHeld;
  const recipe = recipes.statefulSet(node);
  const reply = await objects.applyStatefulSet(recipe, found.kind === "ok");
  if (reply.kind !== "ok") return unanswered(what, reply);
  const outcome = await released(node, reply.value, { what, ports });
  return outcome.kind === "done" ? withRewritten(outcome, rewrittenBy(recipe, reply.value)) : outcome;
}

function withRewritten(outcome: Extract<Outcome, { kind: "done" }>, now: ReturnType<typeof rewrittenBy>): Outcome {
  if (outcome.status?.applied === undefined) return outcome;
  const { rewritten: _before, ...applied } = outcome.status.applied;
  return { ...outcome, status: { ...outcome.status, applied: { ...applied, ...now } } };
}

interface Step {
  readonly what: string;
  readonly ports: ExecutorPorts;
}

/** Null when the template may be changed: no Pod is replaced for it but by us. */
async function madeReady(node: SeiNode, set: StatefulSetView, { what, ports }: Step): Promise<Outcome | null> {
  // What is applied to an object on its way out is gone with it.
  if (set.deleting) return again(1000, `${what}: it is being deleted`);
  if (set.isOnDelete) return null;
  if (!ports.mayAct(node)) return notHeld;
  const reply = await ports.objects.setOnDelete(set);
  return reply.kind === "ok" ? null : unanswered(what, reply);
}

async function released(node: SeiNode, set: StatefulSetView, { what, ports }: Step): Promise<Outcome> {
  if (!set.isOfReference) return doneWith(node, set);
  if (!ports.mayAct(node)) return notHeld;
  const reply = await ports.objects.releaseStatefulSet(set);
  return reply.kind === "ok" ? doneWith(node, reply.value) : unanswered(what, reply);
}

function doneWith(node: SeiNode, { ownedDigest }: StatefulSetView): Outcome {
  return { kind: "done", status: { applied: applied(node, "statefulSet", ownedDigest) } };
}
