/** The task `mark-ready`: opens the gate of a sidecar. */
import { gateCondition, gateHold, incarnationOf, opensBelow, workflowHold } from "../../model/gate/index.ts";
import { type Incarnation, isSameLife, type Outcome, type PodView, type TaskContext } from "../../model/index.ts";
import { statefulSetName } from "../../seinode/objects/index.ts";
import { withoutPod } from "../bootstrap.ts";
import { holdUp } from "../confirm.ts";
import { awaitsPod, soon, supersede, failureOutcome } from "../outcomes.ts";
import { mountsVolume, otherVolume } from "../proofs.ts";
import { addressee, type Addressee, submitOnce } from "../polled-task.ts";
import { sidecarStep, type Task } from "../task.ts";
import { observeImage } from "./observe-image.ts";

/**
 * Opens the sidecar's gate. Idempotent by task id. Fails with `SIDECAR_REJECTED` when refused (4xx).
 *
 * The ground it stands on is proven right before: nobody holds the gate, nobody shut it on purpose, the volume is the one
 * that init completed on, and the address still belongs to the Pod that was seen. Opening the gate of another Pod, or of
 * a node whose data is being replaced, is the worst thing this program could do.
 */
export const markReady: Task = sidecarStep({
  type: "mark-ready",
  about: "opens the gate",
  // Its Pod is read right before: it rests on no other object, and applies nothing of the spec.
  touchesObjects: false,
  async run(context, ports) {
    const held = workflowHold(context.node);
    if (held !== null) return holdUp(context, `the gate is held: ${held}`);
    const at = addressee(markReady, context, ports);
    if (at === null) return withoutPod(context, ports);
    const unsound = strayed(context, at.pod) ?? (isOnVolume(context, at) ? null : otherVolume);
    if (unsound !== null) return unsound;
    const outcome = await submitOnce(context, at, {
      together: [() => revisionProof(context, at)],
      fleeting: () => gateProof(context, at),
    });
    return outcome.kind === "done" ? { kind: "done", incarnation: incarnationOf(at.pod) } : outcome;
  },
});

/** What is stored is no proof, and yet reason enough not to ask for one. */
function isOnVolume(context: TaskContext, { pod, ports }: Addressee): boolean {
  const { claim } = ports.owned(context.node);
  return claim?.uid === context.node.status.dataVolume?.uid && mountsVolume(context, pod);
}

/** Whoever shut the gate may have done so while we waited: the sidecar's tasks are read anew each time. */
async function gateProof(context: TaskContext, { sidecar, pod }: Addressee): Promise<Outcome | null> {
  const tasks = await sidecar.tasks(context.signal);
  if (tasks === null) return awaitsPod(soon(context.sinceStartMs), "the sidecar's tasks could not be read");
  const why = gateHold(context.node, pod.uid, tasks);
  if (why === null) return null;
  // No detector observes a node that initializes: nobody else tells.
  return { ...holdUp(context, why), condition: gateCondition(context.node, pod.uid, tasks) };
}

/** What the plan was made for, against the Pod that stands there now; null when they agree. */
function strayed({ plan, node }: TaskContext, pod: PodView): Outcome | null {
  const life: Incarnation = incarnationOf(pod);
  if (plan.incarnation !== undefined) {
    return isSameLife(plan.incarnation, life) ? null : supersede("the sidecar was replaced");
  }
  // An init plan goes on with the Pod there is; a roll-out is bound to the Pod whose image was seen.
  const isRollOut = plan.failedPhase === undefined && plan.tasks.some((task) => task.type === observeImage.type);
  if (!isRollOut || node.status.rolledOutPod === undefined || node.status.rolledOutPod.uid === pod.uid) return null;
  return supersede("the Pod that was rolled out was replaced");
}

/** Below a roll-out that backs off, the revision of the set decides: it is read live. */
async function revisionProof({ node, plan }: TaskContext, { ports }: Addressee): Promise<Outcome | null> {
  const owned = ports.owned(node);
  if (plan.incarnation === undefined || !opensBelow(node, owned)) return null;
  const { namespace, name } = node.metadata;
  const reply = await ports.objects.statefulSet(namespace, statefulSetName(name));
  if (reply.kind !== "ok") return failureOutcome(`StatefulSet ${statefulSetName(name)}`, reply);
  if (opensBelow(node, { ...owned, statefulSet: reply.value })) return null;
  return supersede("the StatefulSet has another template than was seen");
}
