/** The live reads of everything that bears the names of a node's objects. */
import type { SeiNode, Standing } from "../../model/index.ts";
import { bootstrapJobName, claimName, podName, serviceName, statefulSetName } from "../../seinode/objects/index.ts";
import type { ExecutorPorts, Reply } from "../ports.ts";

/**
 * What bears the names of the node's objects, read live; null when the API server could not be asked for all of it. Of a
 * new node that is three reads: without data and set there is nothing else to ask for.
 */
export async function readStanding(node: SeiNode, { objects, imports }: ExecutorPorts): Promise<Standing | null> {
  const { namespace, name } = node.metadata;
  const wish = imports.wanted(node);
  const [claim, statefulSet, job] = await Promise.all([
    objects.claim(namespace, wish?.name ?? claimName(name)),
    objects.statefulSet(namespace, statefulSetName(name)),
    objects.job(namespace, bootstrapJobName(name)),
  ]);
  if (isUnknown(claim) || isUnknown(statefulSet) || isUnknown(job)) return null;
  const seen = {
    claim: valueOf(claim),
    statefulSet: valueOf(statefulSet),
    job: valueOf(job),
    isImported: wish !== null,
  };
  if (seen.claim === null && seen.statefulSet === null && seen.job === null) {
    return { ...seen, service: null, pod: null, user: null };
  }
  const [service, pod] = await Promise.all([
    objects.service(namespace, serviceName(name)),
    objects.pod(namespace, podName(name)),
  ]);
  if (isUnknown(service) || isUnknown(pod)) return null;
  const user = seen.claim === null ? null : imports.userOf(node, seen.claim.name);
  return { ...seen, service: valueOf(service), pod: valueOf(pod), user: user?.who ?? null };
}

function isUnknown({ kind }: Reply<unknown>): boolean {
  return kind !== "ok" && kind !== "notFound";
}

function valueOf<T>(reply: Reply<T>): T | null {
  return reply.kind === "ok" ? reply.value : null;
}
