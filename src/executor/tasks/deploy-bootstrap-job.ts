/** The task `deploy-bootstrap-job`: the Job that catches a new node up before its StatefulSet exists. */
import { checkAgain } from "../check-again.ts";
import type { Outcome, SeiNode, TaskContext } from "../../model/index.ts";
import { bootstrapJobName, statefulSetName } from "../../seinode/objects/index.ts";
import { nameOfJob } from "../bootstrap.ts";
import { aimOf, confirmThen, NOTHING_MORE } from "../confirm.ts";
import { again, done, fail, failForeign, failureOutcome } from "../outcomes.ts";
import type { ExecutorPorts } from "../ports.ts";
import { controllerStep, type Task } from "../task.ts";

/**
 * Creates the Job. One of this node's that runs is taken as it is; one that ended was left by an earlier plan and is
 * deleted first. Fails with `FOREIGN_OBJECT` when one of that name has another owner, and with `BOOTSTRAP_FAILED`
 * where a StatefulSet stands: two Pods would write the same volume.
 */
export const deployBootstrapJob: Task = controllerStep({
  type: "deploy-bootstrap-job",
  about: "makes the Job that catches a new node up",
  rbac: [
    { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "create", "patch", "delete"] },
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"] },
  ],
  async run(context, ports) {
    const { node } = context;
    const { objects, recipes } = ports;
    const aim = aimOf(context, ports);
    const { namespace, name, uid } = node.metadata;
    const found = await objects.job(namespace, bootstrapJobName(name));
    if (found.kind === "ok") {
      if (found.value.ownerUid !== uid) return failForeign(nameOfJob(node));
      if (found.value.state === "running" && !found.value.deleting) return done;
      const leaving = again(1000, `${nameOfJob(node)}: one of an earlier plan is being deleted`);
      if (found.value.deleting) return leaving;
      return confirmThen(aim, NOTHING_MORE, async (effects) => {
        await effects.objects.deleteJob(found.value);
        return leaving;
      });
    }
    if (found.kind !== "notFound") return failureOutcome(nameOfJob(node), found);
    const inTheWay = await statefulSetOf(node, ports);
    if (inTheWay !== null) return inTheWay;
    const object = recipes.bootstrapJob(node);
    if (object === null) return fail("BOOTSTRAP_FAILED", "the spec asks for no bootstrap any more");
    return confirmThen(aim, NOTHING_MORE, async (effects) => {
      const reply = await effects.objects.createJob(object);
      return reply.kind === "ok" ? done : failureOutcome(nameOfJob(node), reply);
    });
  },
  params: { jobName: "text", namespace: "text" },
  keeper: {
    stands: ({ node, isConfigured }, ports) => ports.bootstrapJob(node) !== null || isConfigured,
    restore: jobAgain,
  },
});

async function statefulSetOf(node: SeiNode, { objects }: ExecutorPorts): Promise<Outcome | null> {
  const { namespace, name } = node.metadata;
  const what = `StatefulSet ${statefulSetName(name)}`;
  const reply = await objects.statefulSet(namespace, statefulSetName(name));
  if (reply.kind === "notFound") return null;
  if (reply.kind !== "ok") return failureOutcome(what, reply);
  return fail(
    "BOOTSTRAP_FAILED",
    `${what}: it exists, and its Pod and the Job's would write the same volume. Delete it`,
  );
}

async function jobAgain(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const outcome = await deployBootstrapJob.run(context, ports);
  // One that is there and yet not stored lost its label: the task that waits for it says so.
  const isThere = outcome.kind === "done" && ports.bootstrapJob(context.node) === null;
  return isThere ? done : checkAgain(Promise.resolve(outcome));
}
