import { serviceName } from "../../seinode/names.ts";
import { applied, failed, unanswered } from "../outcomes.ts";
import type { Task } from "../ports.ts";

/**
 * Applies the headless Service. Forced only on one that is this node's.
 * Fails with `FOREIGN_OBJECT` when one of that name has another owner. Idempotent.
 */
export const applyService: Task = {
  type: "apply-service",
  async run({ node }, { objects, recipes, mayAct }) {
    const { namespace, name, uid } = node.metadata;
    const what = `Service ${serviceName(name)}`;
    const found = await objects.serviceOwner(namespace, serviceName(name));
    if (found.kind !== "ok" && found.kind !== "notFound") return unanswered(what, found);
    if (found.kind === "ok" && found.value !== uid) {
      return failed("FOREIGN_OBJECT", `${what}: it exists and is not this node's. Delete or rename one of the two`);
    }
    if (!mayAct(node)) return { kind: "again", afterMs: 1000, why: "the Lease is not held" };
    const reply = await objects.applyService(recipes.service(node), found.kind === "ok");
    if (reply.kind !== "ok") return unanswered(what, reply);
    return { kind: "done", status: { applied: applied(node, "service", reply.value.ownedDigest) } };
  },
};
