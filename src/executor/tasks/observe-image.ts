import type { SeiNode } from "../../core/node.ts";
import type { Outcome } from "../../core/plan.ts";
import type { TaskContext } from "../../core/ports.ts";
import type { PodView, StatefulSetView } from "../../core/views.ts";
import { SEID_CONTAINER, SIDECAR_CONTAINER } from "../../seinode/labels.ts";
import { podName } from "../../seinode/names.ts";
import { again, unanswered } from "../outcomes.ts";
import type { ExecutorPorts, Task } from "../ports.ts";

/** Pod events wake the node sooner; this is for the ones that never come. */
const LOOK_AGAIN_MS = 5000;

/**
 * Sees a roll-out through: replaces our Pod of another revision, and is done when the Pod of the update revision
 * runs `seid`. It stamps the images that Pod runs, never the spec's, and remembers the Pod.
 *
 * Each Pod's own revision is compared: `updatedReplicas` is 1 with the Pod still Pending, and `currentRevision`
 * says nothing after a roll-back.
 *
 * In a plan that applied nothing before, as when a node is taken over, it only looks: no Pod is replaced, whatever
 * revision it is of, and a sidecar of another image than is wanted stays unseen, since to stamp it would be to roll it.
 */
export const observeImage: Task = {
  type: "observe-image",
  async run(context, ports) {
    const { statefulSet } = ports.around(context.node);
    if (statefulSet === null) return again(LOOK_AGAIN_MS, "the StatefulSet is not there yet");
    return isRollOut(context) ? rolledOut(context.node, statefulSet, ports) : asItIs(context.node, statefulSet, ports);
  },
};

function isRollOut({ plan, index }: TaskContext): boolean {
  return plan.tasks.slice(0, index).some(({ type }) => type === "apply-statefulset");
}

async function asItIs(node: SeiNode, statefulSet: StatefulSetView, ports: ExecutorPorts): Promise<Outcome> {
  const pod = ports.pods(node).find(({ ownerUid, deleting }) => ownerUid === statefulSet.uid && !deleting);
  if (pod === undefined) return again(LOOK_AGAIN_MS, "there is no Pod to look at");
  const outcome = seen(pod, statefulSet);
  if (outcome.kind !== "done" || outcome.status?.currentSidecarImage === ports.around(node).sidecarImage)
    return outcome;
  const { currentSidecarImage: _other, ...status } = outcome.status ?? {};
  return { kind: "done", status };
}

async function rolledOut(node: SeiNode, statefulSet: StatefulSetView, ports: ExecutorPorts): Promise<Outcome> {
  if (statefulSet.observedGeneration < statefulSet.generation || statefulSet.updateRevision === null) {
    return again(LOOK_AGAIN_MS, "the StatefulSet controller has not seen the template yet");
  }
  const pods = ports.pods(node).filter((pod) => pod.ownerUid === statefulSet.uid);
  for (const pod of pods) {
    if (pod.revision === statefulSet.updateRevision || pod.deleting) continue;
    const refused = await replace(node, pod, ports);
    if (refused !== null) return refused;
  }
  const own = podName(node.metadata.name);
  const fresh = pods.find(({ name, revision, deleting }) => {
    return name === own && revision === statefulSet.updateRevision && !deleting;
  });
  return fresh === undefined ? again(LOOK_AGAIN_MS, "the old Pod is being replaced") : seen(fresh, statefulSet);
}

async function replace(node: SeiNode, pod: PodView, ports: ExecutorPorts): Promise<Outcome | null> {
  if (!ports.mayAct(node)) return again(1000, "the Lease is not held");
  const reply = await ports.objects.deletePod(pod);
  // Gone already, or another Pod of that name by now: either way the next look tells.
  if (reply.kind === "ok" || reply.kind === "notFound" || reply.kind === "conflict") return null;
  return unanswered(`Pod ${pod.name}`, reply);
}

function seen(pod: PodView, statefulSet: StatefulSetView): Outcome {
  const seid = pod.containers.find((container) => container.name === SEID_CONTAINER);
  if (seid === undefined || seid.image !== statefulSet.templateImage) {
    return again(LOOK_AGAIN_MS, "the Pod does not run the image of the template");
  }
  if (seid.state !== "running") {
    const reason = seid.stateReason === "" ? "" : `: ${seid.stateReason}`;
    return again(LOOK_AGAIN_MS, `container ${SEID_CONTAINER} is ${seid.state}${reason}`);
  }
  const sidecar = pod.containers.find((container) => container.name === SIDECAR_CONTAINER);
  return {
    kind: "done",
    status: {
      currentImage: seid.image,
      ...(sidecar === undefined ? {} : { currentSidecarImage: sidecar.image }),
      rolledOutPod: { name: pod.name, uid: pod.uid },
    },
  };
}
