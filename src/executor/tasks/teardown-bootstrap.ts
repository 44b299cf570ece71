/** The task `teardown-bootstrap`: deletes the bootstrap Job, its Pod and its Service, and waits for their end. */
import { BOOTSTRAP_COMPONENT, type Outcome, type PodView } from "../../model/index.ts";
import { bootstrapJobName, serviceName } from "../../seinode/objects/index.ts";
import { nameOfJob } from "../bootstrap.ts";
import { type Aim, aimOf, confirmThen, NOTHING_MORE } from "../confirm.ts";
import { again, done, failForeign, failureOutcome } from "../outcomes.ts";
import type { Reply } from "../ports.ts";
import { deployBootstrapJob } from "./deploy-bootstrap-job.ts";
import { deployBootstrapService } from "./deploy-bootstrap-service.ts";
import { controllerStep, type Task } from "../task.ts";

/** Deletions are quick; the Pod's end enqueues the node sooner. */
const LOOK_AGAIN_MS = 500;

/**
 * Deletes the Job with its Pod, and the Service, and is done only when all three are gone: until then the volume
 * is in use, and the node's own Service has the same name. Touches nothing that is not this node's.
 */
export const teardownBootstrap: Task = controllerStep({
  type: "teardown-bootstrap",
  about: "deletes the bootstrap Job, its Pod and its Service, and waits for their end",
  rbac: [
    { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "delete"] },
    { apiGroups: [""], resources: ["services"], verbs: ["get", "delete"] },
  ],
  async run(context, ports) {
    const aim = aimOf(context, ports);
    const pending = (await job(aim)) ?? (await service(aim));
    if (pending !== null) return pending;
    const pod = ports.pods(context.node).find(isInTheWay);
    return pod === undefined ? done : again(LOOK_AGAIN_MS, `Pod ${pod.name} of the bootstrap is not gone yet`);
  },
  params: { jobName: "text", serviceName: "text", namespace: "text" },
  undoes: [deployBootstrapJob.type, deployBootstrapService.type],
});

/** A Pod whose Job was deleted without it is out of the way once it has ended. */
function isInTheWay(pod: PodView): boolean {
  if (pod.component !== BOOTSTRAP_COMPONENT || pod.ownerKind === "StatefulSet") return false;
  return pod.ownerKind === "Job" || (pod.phase !== "Succeeded" && pod.phase !== "Failed");
}

/** Null when it is gone. */
async function job(aim: Aim): Promise<Outcome | null> {
  const { node, ports } = aim;
  const { namespace, name, uid } = node.metadata;
  const found = await ports.objects.job(namespace, bootstrapJobName(name));
  if (found.kind === "notFound") return null;
  if (found.kind !== "ok") return failureOutcome(nameOfJob(node), found);
  if (found.value.ownerUid !== uid) return failForeign(nameOfJob(node));
  if (found.value.deleting) return leaving(nameOfJob(node));
  return confirmThen(aim, NOTHING_MORE, async ({ objects }) =>
    awaitEnd(nameOfJob(node), await objects.deleteJob(found.value)),
  );
}

/** Null when it is gone, or the node's own has taken its place. */
async function service(aim: Aim): Promise<Outcome | null> {
  const { node, ports } = aim;
  const { namespace, name, uid } = node.metadata;
  const what = `Service ${serviceName(name)}`;
  const found = await ports.objects.service(namespace, serviceName(name));
  if (found.kind === "notFound") return null;
  if (found.kind !== "ok") return failureOutcome(what, found);
  if (found.value.ownerUid !== uid) return failForeign(what);
  if (found.value.component !== BOOTSTRAP_COMPONENT) return null;
  if (found.value.deleting) return leaving(what);
  return confirmThen(aim, NOTHING_MORE, async ({ objects }) =>
    awaitEnd(what, await objects.deleteService(found.value)),
  );
}

function awaitEnd(what: string, reply: Reply<null>): Outcome {
  // Gone meanwhile, or another of that name by now: the next try tells.
  if (reply.kind === "ok" || reply.kind === "notFound" || reply.kind === "conflict") return leaving(what);
  return failureOutcome(what, reply);
}

function leaving(what: string): Outcome {
  return again(LOOK_AGAIN_MS, `${what} of the bootstrap is not gone yet`);
}
