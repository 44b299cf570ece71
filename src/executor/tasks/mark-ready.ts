import type { Incarnation, Outcome } from "../../core/plan.ts";
import { isSameLife } from "../../core/history.ts";
import type { Surroundings } from "../../core/detector.ts";
import { isHomeOn } from "../../core/home.ts";
import type { TaskContext } from "../../core/ports.ts";
import type { PodView } from "../../core/views.ts";
import type { Sidecar } from "../../sidecar/index.ts";
import { withoutPod } from "../bootstrap.ts";
import { importLost } from "../import-volume.ts";
import { again, failed, soon, unanswered } from "../outcomes.ts";
import type { ExecutorPorts, Task } from "../ports.ts";
import { submitOnce } from "./sidecar-task.ts";

/** A held gate of an init plan is looked at again this often. */
const HELD_AGAIN_MS = 10_000;

/**
 * Opens the sidecar's gate. Idempotent by task id. Fails with `SIDECAR_REJECTED` when refused (4xx).
 *
 * The ground it stands on is proved right before: nobody holds the gate, the volume is the one that init completed
 * on, and the address still belongs to the Pod that was seen. Opening the gate of another Pod, or of a node whose
 * data is being replaced, is the worst thing this program could do.
 */
export const markReady: Task = {
  type: "mark-ready",
  async run(context, ports) {
    const around = ports.around(context.node);
    const held = ports.hold(context.node);
    if (held !== null) return blocked(context, `the gate is held: ${held}`);
    const { pod } = around;
    const sidecar = ports.sidecar(context.node, around);
    if (pod === null || sidecar === null) return withoutPod(context, ports);
    const unsound =
      strayed(context, pod, ports) ??
      otherVolume(context, { pod, around }) ??
      (await unconfirmed(pod, ports)) ??
      (await shutOnPurpose(context, { sidecar, ports })) ??
      (await importLost(context, ports));
    if (unsound !== null) return unsound;
    const outcome = await submitOnce(context, { sidecar, ports });
    return outcome.kind === "done" ? { kind: "done", incarnation: ports.incarnationOf(pod) } : outcome;
  },
};

/** The gate is opened only on the volume that init completed on, and only for a Pod that mounts it. */
function otherVolume(
  { node }: TaskContext,
  { pod, around }: { readonly pod: PodView; readonly around: Surroundings },
): Outcome | null {
  const { dataVolume } = node.status;
  const isSame = dataVolume !== undefined && around.claim?.uid === dataVolume.uid;
  if (isSame && isHomeOn(pod, dataVolume.claimName)) return null;
  return failed("DATA_VOLUME_LOST", "the data volume is not the one that init completed on");
}

async function shutOnPurpose(
  context: TaskContext,
  { sidecar, ports }: { readonly sidecar: Sidecar; readonly ports: ExecutorPorts },
): Promise<Outcome | null> {
  if (!needsPurpose(context)) return null;
  const tasks = await sidecar.tasks(context.signal);
  if (tasks === null) return again(soon(context.sinceStartMs), "the sidecar's tasks could not be read");
  return ports.isShutOnPurpose(tasks) ? blocked(context, "the gate was shut on purpose") : null;
}

/** Its own detector asked just now, in the pass that made the plan; any other time it is asked here. */
function needsPurpose({ plan, fresh }: TaskContext): boolean {
  return !fresh || plan.incarnation === undefined;
}

function blocked({ plan }: TaskContext, why: string): Outcome {
  return plan.failedPhase === undefined ? { kind: "superseded", why } : again(HELD_AGAIN_MS, why);
}

/** What the plan was made for, against the Pod that stands there now; null when they agree. */
function strayed({ plan, node }: TaskContext, pod: PodView, ports: ExecutorPorts): Outcome | null {
  const life: Incarnation = ports.incarnationOf(pod);
  if (plan.incarnation !== undefined) {
    return isSameLife(plan.incarnation, life) ? null : { kind: "superseded", why: "the sidecar was replaced" };
  }
  // An init plan goes on with the Pod there is; a roll-out is bound to the Pod whose image was seen.
  const isRollOut = plan.failedPhase === undefined && plan.tasks.some((task) => task.type === "observe-image");
  if (!isRollOut || node.status.rolledOutPod === undefined || node.status.rolledOutPod.uid === pod.uid) return null;
  return { kind: "superseded", why: "the Pod that was rolled out was replaced" };
}

/** Addresses are reused: the Pod is read live, and must be the one that was seen, at the address that is dialled. */
async function unconfirmed(pod: PodView, ports: ExecutorPorts): Promise<Outcome | null> {
  const reply = await ports.objects.pod(pod.namespace, pod.name);
  if (reply.kind === "notFound") return again(1000, "the Pod is gone");
  if (reply.kind !== "ok") return unanswered(`Pod ${pod.name}`, reply);
  const live = reply.value;
  const hasEnded = live.phase === "Succeeded" || live.phase === "Failed";
  if (live.uid === pod.uid && live.ip === pod.ip && !live.deleting && !hasEnded) return null;
  return again(1000, "the Pod is not the one that was seen");
}
