/** The task `apply-service`: server-side apply of the node's headless Service. */
import { isKept, checkAgain } from "../check-again.ts";
import type { Outcome, ServiceView, TaskContext } from "../../model/index.ts";
import { serviceName } from "../../seinode/objects/index.ts";
import { type Aim, aimOf, confirmThen, NOTHING_MORE } from "../confirm.ts";
import { again, appliedStatus, failForeign, isOwn, failureOutcome } from "../outcomes.ts";
import type { ExecutorPorts, ObjectWrites, Reply } from "../ports.ts";
import { controllerStep, type Task } from "../task.ts";

/**
 * Applies the headless Service. Forced only on one that is this node's, where the reference's fields are then given up.
 * Fails with `FOREIGN_OBJECT` when one of that name has another owner. Idempotent.
 */
export const applyService: Task = controllerStep({
  type: "apply-service",
  about: "applies the headless Service",
  rbac: [{ apiGroups: [""], resources: ["services"], verbs: ["get", "create", "patch"] }],
  run: (context, ports) =>
    ensureService(aimOf(context, ports), (objects, isThere) =>
      objects.applyService(ports.recipes.service(context.node), isThere),
    ),
  keeper: {
    stands: hasService,
    restore: (context, ports) => checkAgain(applyService.run(context, ports)),
  },
});

/** Whether the Service stands as it was applied. */
export function hasService({ node }: TaskContext, ports: ExecutorPorts): boolean {
  return isKept(node.status.applied?.service, ports.owned(node).service);
}

/** The same for whichever Service of that name a node is to have just now. */
export async function ensureService(
  aim: Aim,
  make: (objects: ObjectWrites, isThere: boolean) => Promise<Reply<ServiceView>>,
): Promise<Outcome> {
  const { node, ports } = aim;
  const { namespace, name } = node.metadata;
  const what = `Service ${serviceName(name)}`;
  const found = await ports.objects.service(namespace, serviceName(name));
  if (found.kind !== "ok" && found.kind !== "notFound") return failureOutcome(what, found);
  if (found.kind === "ok" && !isOwn(node, "service", found.value)) return failForeign(what);
  if (found.kind === "ok" && found.value.deleting) return again(1000, `${what}: it is being deleted`);
  return confirmThen(aim, NOTHING_MORE, async ({ objects }) => {
    const made = await make(objects, found.kind === "ok");
    const reply = made.kind === "ok" && made.value.isOfReference ? await objects.releaseService(made.value) : made;
    if (reply.kind !== "ok") return failureOutcome(what, reply);
    return { kind: "done", status: { applied: appliedStatus(node, "service", reply.value.ownedDigest) } };
  });
}
