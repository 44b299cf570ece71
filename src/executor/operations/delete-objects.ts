/** Deletes what a deleted node owns, and says when all of it is gone. */
import { isOrphaning, type Outcome, type SeiNode } from "../../model/index.ts";
import { bootstrapJobName, claimName, serviceName, statefulSetName } from "../../seinode/objects/index.ts";
import { confirmThen, type Meant, NOTHING_MORE } from "../confirm.ts";
import { again, done, fail, supersede, failureOutcome } from "../outcomes.ts";
import type { ExecutorPorts, ObjectWrites, Reply } from "../ports.ts";

/** Every end of an object enqueues the node sooner; this is for the event that never comes. */
const LOOK_AGAIN_MS = 1000;

/**
 * Deletes what is the node's own, and is `done` when all of it is gone: a node of the same name that is made at once
 * then meets nothing of this one. Only what has the node as its controller owner is touched, so an imported claim and
 * whatever else bears a name of ours stays. Set and Job are gone only after their Pods, the claim after its last user.
 */
export async function deleteObjects(node: SeiNode, ports: ExecutorPorts): Promise<Outcome> {
  const { namespace, name } = node.metadata;
  const { objects } = ports;
  const [set, job, service, claim] = await Promise.all([
    objects.statefulSet(namespace, statefulSetName(name)),
    objects.job(namespace, bootstrapJobName(name)),
    objects.service(namespace, serviceName(name)),
    objects.claim(namespace, claimName(name)),
  ]);
  const all = [
    removalOf(node, set, {
      what: `StatefulSet ${statefulSetName(name)}`,
      remove: (to, object) => to.deleteStatefulSet(object),
    }),
    removalOf(node, job, { what: `Job ${bootstrapJobName(name)}`, remove: (to, object) => to.deleteJob(object) }),
    removalOf(node, service, {
      what: `Service ${serviceName(name)}`,
      remove: (to, object) => to.deleteService(object),
    }),
    removalOf(node, claim, { what: `claim ${claimName(name)}`, remove: (to, object) => to.deleteClaim(object) }),
  ];
  if (all.every(({ begin }) => begin === null)) return together(all.map(({ outcome }) => outcome));
  const meant: Meant = (newest) => {
    if (newest.metadata.deletionTimestamp === undefined) return supersede("the node is not being deleted");
    return isOrphaning(newest) ? supersede("what is the node's own is to be left") : null;
  };
  return confirmThen({ node, ports, meant }, NOTHING_MORE, async (effects) =>
    together(await Promise.all(all.map(async ({ begin, outcome }) => begin?.(effects.objects) ?? outcome))),
  );
}

function together(outcomes: readonly Outcome[]): Outcome {
  const refused = outcomes.find((outcome) => outcome.kind === "failed");
  if (refused !== undefined) return refused;
  const waiting = outcomes.flatMap((outcome) => (outcome.kind === "again" ? [outcome.why] : []));
  return waiting.length === 0 ? done : again(LOOK_AGAIN_MS, waiting.join("; "));
}

interface Owned {
  readonly ownerUid: string | null;
  readonly deleting: boolean;
}

/** What stands there, and how its deletion is begun; null where there is nothing to begin. */
interface Removal {
  readonly outcome: Outcome;
  readonly begin: ((objects: ObjectWrites) => Promise<Outcome>) | null;
}

interface Way<T> {
  readonly what: string;
  readonly remove: (objects: ObjectWrites, object: T) => Promise<Reply<null>>;
}

function removalOf<T extends Owned>(node: SeiNode, found: Reply<T>, { what, remove }: Way<T>): Removal {
  if (found.kind === "notFound") return { outcome: done, begin: null };
  if (found.kind !== "ok") return { outcome: failureOutcome(what, found), begin: null };
  if (found.value.ownerUid !== node.metadata.uid) return { outcome: done, begin: null };
  const outcome = again(LOOK_AGAIN_MS, `${what} is not gone yet`);
  if (found.value.deleting) return { outcome, begin: null };
  const begin = async (objects: ObjectWrites): Promise<Outcome> => {
    const reply = await remove(objects, found.value);
    // Gone already, or another of that name by now: the next try tells.
    if (reply.kind === "refused") return fail("API_REFUSED", `${what}: ${reply.why}`);
    return reply.kind === "failed" ? failureOutcome(what, reply) : outcome;
  };
  return { outcome, begin };
}
