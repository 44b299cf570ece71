/** What the four bootstrap tasks, and the sidecar tasks in the Job's Pod, say alike of the Job. */
import type { JobView, Outcome, SeiNode, TaskContext } from "../model/index.ts";
import { bootstrapJobName } from "../seinode/objects/index.ts";
import { awaitsPod, done, fail, failForeign, soon, failureOutcome } from "./outcomes.ts";
import type { ExecutorPorts } from "./ports.ts";

/** A Job's end enqueues the node sooner; this is for the event that never comes. */
const LOOK_AGAIN_MS = 5000;

/** `Job a-bootstrap`, for messages. */
export function nameOfJob(node: SeiNode): string {
  return `Job ${bootstrapJobName(node.metadata.name)}`;
}

/** How far the Job is: `done` when complete, `failed` when it failed or is gone, else `again`. */
export async function progressOfJob(node: SeiNode, ports: ExecutorPorts): Promise<Outcome> {
  const stored = ports.bootstrapJob(node);
  if (stored !== null) return judgeJob(node, stored);
  // What is stored may be behind: that a Job is gone is believed only when it was read.
  const { namespace, name, uid } = node.metadata;
  const reply = await ports.objects.job(namespace, bootstrapJobName(name));
  if (reply.kind === "notFound")
    return fail("BOOTSTRAP_FAILED", `${nameOfJob(node)}: it is gone before it was seen complete`);
  if (reply.kind !== "ok") return failureOutcome(nameOfJob(node), reply);
  if (reply.value.ownerUid !== uid) return failForeign(nameOfJob(node));
  if (reply.value.node !== name) {
    return fail("BOOTSTRAP_FAILED", `${nameOfJob(node)}: its label was taken away, and with it what tells its Pod`);
  }
  return judgeJob(node, reply.value);
}

function judgeJob(node: SeiNode, { state, why }: JobView): Outcome {
  switch (state) {
    case "complete":
      return done;
    case "failed":
      return fail("BOOTSTRAP_FAILED", `${nameOfJob(node)}: it failed${why === "" ? "" : `: ${why}`}`);
    case "running":
      return { ...awaitsPod(LOOK_AGAIN_MS, `${nameOfJob(node)}: it has not halted yet`), isUnderWay: true };
  }
}

/** A sidecar task without a sidecar: waits, unless the Pod it waits for was the Job's and will not come. */
export async function withoutPod(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const waiting = awaitsPod(soon(context.sinceStartMs), "there is no Pod that could answer");
  const isOfJob = context.plan.tasks
    .slice(context.index)
    .some(({ type, status }) => type === "teardown-bootstrap" && status !== "Complete");
  if (!isOfJob) return waiting;
  const progress = await progressOfJob(context.node, ports);
  switch (progress.kind) {
    case "failed":
      return progress;
    case "done":
      // Its seid runs only behind an open gate, so a Job that reached its height proves that the gate was opened.
      if (context.task.type === "mark-ready") return done;
      return fail("BOOTSTRAP_FAILED", `${nameOfJob(context.node)}: it ended before its node was configured`);
    case "again":
    case "submitted":
    case "superseded":
      return waiting;
  }
}
