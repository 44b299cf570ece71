/** The task `deploy-bootstrap-service`: the Service of the bootstrap Job's Pod. */
import { aimOf } from "../confirm.ts";
import { fail } from "../outcomes.ts";
import { controllerStep, type Task } from "../task.ts";
import { checkAgain } from "../check-again.ts";
import { hasService, ensureService } from "./apply-service.ts";

/**
 * Makes the Service under which the Job's Pod has the node's DNS name. One of this node's that is there already
 * becomes that one. Fails with `FOREIGN_OBJECT` when one of that name has another owner.
 */
export const deployBootstrapService: Task = controllerStep({
  type: "deploy-bootstrap-service",
  about: "makes the Service of the bootstrap Job's Pod",
  rbac: [{ apiGroups: [""], resources: ["services"], verbs: ["get", "create", "patch"] }],
  async run(context, ports) {
    const object = ports.recipes.bootstrapService(context.node);
    if (object === null) return fail("BOOTSTRAP_FAILED", "the spec asks for no bootstrap any more");
    return ensureService(aimOf(context, ports), (objects, isThere) =>
      isThere ? objects.applyService(object, true) : objects.createService(object),
    );
  },
  params: { serviceName: "text", namespace: "text" },
  keeper: {
    stands: hasService,
    restore: (context, ports) => checkAgain(deployBootstrapService.run(context, ports)),
  },
});
