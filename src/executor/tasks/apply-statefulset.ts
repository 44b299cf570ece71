/** The task `apply-statefulset`: server-side apply of the node's StatefulSet. */
import type { Outcome, SeiNode, StatefulSetView } from "../../model/index.ts";
import { statefulSetName } from "../../seinode/objects/index.ts";
import { rewrittenBy } from "../../seinode/read/index.ts";
import { isKept, checkAgain } from "../check-again.ts";
import { type Aim, aimOf, confirmThen, NOTHING_MORE } from "../confirm.ts";
import { again, appliedStatus, failForeign, isOwn, failureOutcome } from "../outcomes.ts";
import type { ObjectWrites } from "../ports.ts";
import { controllerStep, type Task } from "../task.ts";

/**
 * Applies the StatefulSet. Forced only on one that is this node's, so that nobody else's fields are taken over.
 * Fails with `FOREIGN_OBJECT` when one of that name has another owner. Idempotent.
 *
 * One that the reference left behind is taken over in three writes, each of which may be the last before a crash: no
 * Pod is replaced by what comes after the first, and what the reference owned is given up only when all is ours.
 */
export const applyStatefulSet: Task = controllerStep({
  type: "apply-statefulset",
  about: "applies the StatefulSet",
  rbac: [{ apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get", "create", "patch"] }],
  run: (context, ports) => applyTo(aimOf(context, ports)),
  makes: "statefulSet",
  keeper: {
    stands: ({ node }, ports) => isKept(node.status.applied?.statefulSet, ports.owned(node).statefulSet),
    restore: (context, ports) => checkAgain(applyStatefulSet.run(context, ports)),
  },
});

/** The same for whatever it is done for. */
export async function applyTo(aim: Aim): Promise<Outcome> {
  const { node, ports } = aim;
  const { namespace, name } = node.metadata;
  const what = `StatefulSet ${statefulSetName(name)}`;
  const found = await ports.objects.statefulSet(namespace, statefulSetName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return failureOutcome(what, found);
  if (found.kind === "ok" && !isOwn(node, "statefulSet", found.value)) return failForeign(what);
  // What is applied to an object on its way out is gone with it.
  if (found.kind === "ok" && found.value.deleting) return again(1000, `${what}: it is being deleted`);
  return confirmThen(aim, NOTHING_MORE, async ({ objects }) => {
    const unready = found.kind === "ok" ? await ensureOnDelete(found.value, { what, objects }) : null;
    if (unready !== null) return unready;
    const recipe = ports.recipes.statefulSet(node);
    const reply = await objects.applyStatefulSet(recipe, found.kind === "ok");
    if (reply.kind !== "ok") return failureOutcome(what, reply);
    const outcome = await release(node, reply.value, { what, objects });
    return outcome.kind === "done" ? withRewritten(outcome, rewrittenBy(recipe, reply.value)) : outcome;
  });
}

function withRewritten(outcome: Extract<Outcome, { kind: "done" }>, now: ReturnType<typeof rewrittenBy>): Outcome {
  if (outcome.status?.applied === undefined) return outcome;
  const { rewritten: _before, ...applied } = outcome.status.applied;
  return { ...outcome, status: { ...outcome.status, applied: { ...applied, ...now } } };
}

interface Step {
  readonly what: string;
  readonly objects: ObjectWrites;
}

/** Null when the template may be changed: no Pod is replaced for it but by us. */
async function ensureOnDelete(set: StatefulSetView, { what, objects }: Step): Promise<Outcome | null> {
  if (set.isOnDelete) return null;
  const reply = await objects.setOnDelete(set);
  return reply.kind === "ok" ? null : failureOutcome(what, reply);
}

async function release(node: SeiNode, set: StatefulSetView, { what, objects }: Step): Promise<Outcome> {
  if (!set.isOfReference) return doneWith(node, set);
  const reply = await objects.releaseStatefulSet(set);
  return reply.kind === "ok" ? doneWith(node, reply.value) : failureOutcome(what, reply);
}

function doneWith(node: SeiNode, { ownedDigest }: StatefulSetView): Outcome {
  return { kind: "done", status: { applied: appliedStatus(node, "statefulSet", ownedDigest) } };
}
