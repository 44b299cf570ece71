import type { SeiNode } from "../core/node.ts";
import type { Outcome } from "../core/plan.ts";
import { bootstrapJobName, claimName, serviceName, statefulSetName } from "../seinode/names.ts";
import { again, done, failed, unanswered } from "./outcomes.ts";
import type { ExecutorPorts, Reply } from "./ports.ts";

/** Every end of an object wakes the node sooner; this is for the event that never comes. */
const LOOK_AGAIN_MS = 1000;

/**
 * Deletes what is the node's own, and is `done` when all of it is gone: a node of the same name that is made at once
 * then meets nothing of this one. Only what has the node as its controller owner is touched, so an imported claim and
 * whatever else bears a name of ours stays. Set and Job are gone only after their Pods, the claim after its last user.
 */
export async function tearDown(node: SeiNode, ports: ExecutorPorts): Promise<Outcome> {
  const { namespace, name } = node.metadata;
  const { objects } = ports;
  const outcomes = await Promise.all([
    one(`StatefulSet ${statefulSetName(name)}`, {
      node,
      ports,
      found: objects.statefulSet(namespace, statefulSetName(name)),
      remove: (object) => objects.deleteStatefulSet(object),
    }),
    one(`Job ${bootstrapJobName(name)}`, {
      node,
      ports,
      found: objects.job(namespace, bootstrapJobName(name)),
      remove: (object) => objects.deleteJob(object),
    }),
    one(`Service ${serviceName(name)}`, {
      node,
      ports,
      found: objects.service(namespace, serviceName(name)),
      remove: (object) => objects.deleteService(object),
    }),
    one(`claim ${claimName(name)}`, {
      node,
      ports,
      found: objects.claim(namespace, claimName(name)),
      remove: (object) => objects.deleteClaim(object),
    }),
  ]);
  const refused = outcomes.find((outcome) => outcome.kind === "failed");
  if (refused !== undefined) return refused;
  const waiting = outcomes.flatMap((outcome) => (outcome.kind === "again" ? [outcome.why] : []));
  return waiting.length === 0 ? done : again(LOOK_AGAIN_MS, waiting.join("; "));
}

interface Owned {
  readonly ownerUid: string | null;
  readonly deleting: boolean;
}

interface Removal<T extends Owned> {
  readonly node: SeiNode;
  readonly ports: ExecutorPorts;
  readonly found: Promise<Reply<T>>;
  readonly remove: (object: T) => Promise<Reply<null>>;
}

async function one<T extends Owned>(what: string, removal: Removal<T>): Promise<Outcome> {
  const { node, ports, remove } = removal;
  const found = await removal.found;
  if (found.kind === "notFound") return done;
  if (found.kind !== "ok") return unanswered(what, found);
  if (found.value.ownerUid !== node.metadata.uid) return done;
  if (!ports.mayAct(node)) return again(LOOK_AGAIN_MS, "the Lease is not held");
  if (!found.value.deleting) {
    const reply = await remove(found.value);
    // Gone already, or another of that name by now: the next look tells.
    if (reply.kind === "refused") return failed("API_REFUSED", `${what}: ${reply.why}`);
    if (reply.kind === "failed") return unanswered(what, reply);
  }
  return again(LOOK_AGAIN_MS, `${what} is not gone yet`);
}
