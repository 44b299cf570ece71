import type { SeiNode } from "../../core/node.ts";
import type { Outcome } from "../../core/plan.ts";
import type { ServiceView } from "../../core/views.ts";
import { serviceName } from "../../seinode/names.ts";
import { again, applied, foreign, isOwn, notHeld, unanswered } from "../outcomes.ts";
import type { ExecutorPorts, Reply, Task } from "../ports.ts";

/**
 * Applies the headless Service. Forced only on one that is this node's, where the reference's fields are then given up.
 * Fails with `FOREIGN_OBJECT` when one of that name has another owner. Idempotent.
 */
export const applyService: Task = {
  type: "apply-service",
  run: ({ node }, ports) =>
    madeSo(node, ports, (isThere) => ports.objects.applyService(ports.recipes.service(node), isThere)),
};

/** The same for whichever Service of that name a node is to have just now. */
export async function madeSo(
  node: SeiNode,
  { objects, mayAct }: ExecutorPorts,
  make: (isThere: boolean) => Promise<Reply<ServiceView>>,
): Promise<Outcome> {
  const { namespace, name } = node.metadata;
  const what = `Service ${serviceName(name)}`;
  const found = await objects.service(namespace, serviceName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return unanswered(what, found);
  if (found.kind === "ok" && !isOwn(node, "service", found.value)) return foreign(what);
  if (found.kind === "ok" && found.value.deleting) return again(1000, `${what}: it is being deleted`);
  if (!mayAct(node)) return notHeld;
  let reply = await make(found.kind === "ok");
  if (reply.kind === "ok" && reply.value.isOfReference) {
    if (!mayAct(node)) return notHeld;
    reply = await objects.releaseService(reply.value);
  }
  if (reply.kind !== "ok") return unanswered(what, reply);
  return { kind: "done", status: { applied: applied(node, "service", reply.value.ownedDigest) } };
}
