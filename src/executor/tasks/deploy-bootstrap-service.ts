import { serviceName } from "../../seinode/names.ts";
import { foreign } from "../bootstrap.ts";
import { done, failed, unanswered } from "../outcomes.ts";
import type { Task } from "../ports.ts";

/**
 * Creates the Service under which the Job's Pod has the node's DNS name. One of this node's that is there already
 * is left as it is. Fails with `FOREIGN_OBJECT` when one of that name has another owner.
 */
export const deployBootstrapService: Task = {
  type: "deploy-bootstrap-service",
  async run({ node }, { objects, recipes, mayAct }) {
    const { namespace, name, uid } = node.metadata;
    const what = `Service ${serviceName(name)}`;
    const found = await objects.serviceOwner(namespace, serviceName(name));
    if (found.kind === "ok") return found.value === uid ? done : foreign(what);
    if (found.kind !== "notFound") return unanswered(what, found);
    const object = recipes.bootstrapService(node);
    if (object === null) return failed("BOOTSTRAP_FAILED", "the spec asks for no bootstrap any more");
    if (!mayAct(node)) return { kind: "again", afterMs: 1000, why: "the Lease is not held" };
    const reply = await objects.createService(object);
    return reply.kind === "ok" ? done : unanswered(what, reply);
  },
};
