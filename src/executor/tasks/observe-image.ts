import type { SeiNode } from "../../core/node.ts";
import type { Outcome } from "../../core/plan.ts";
import type { TaskContext } from "../../core/ports.ts";
import type { PodView, StatefulSetView } from "../../core/views.ts";
import { SEID_CONTAINER, SIDECAR_CONTAINER } from "../../seinode/labels.ts";
import { podName } from "../../seinode/names.ts";
import { isImageApplied, isSameImage } from "../../seinode/image-reference.ts";
import { askedImages, type TemplateImages } from "../../seinode/template-images.ts";
import { again, unanswered } from "../outcomes.ts";
import type { ExecutorPorts, Task } from "../ports.ts";

/** Pod events wake the node sooner; this is for the ones that never come. */
const LOOK_AGAIN_MS = 5000;

/**
 * Sees a roll-out through: replaces our Pod of another revision, and is done when the Pod of the update revision
 * runs `seid`. It stamps the images that were applied for that revision, never a later spec's, and remembers the Pod: what
 * a Pod says instead is admission's doing, but for one that somebody edited in place, which is not stamped.
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
  const outcome = await seen(node, { pod, statefulSet }, ports);
  if (outcome.kind !== "done") return outcome;
  const { currentSidecarImage: sidecar, ...status } = outcome.status ?? {};
  const want = ports.around(node).sidecarImage;
  const isWanted = sidecar !== undefined && want !== null && isSameImage(sidecar, want);
  return isWanted ? outcome : { kind: "done", status };
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
  return fresh === undefined
    ? again(LOOK_AGAIN_MS, "the old Pod is being replaced")
    : seen(node, { pod: fresh, statefulSet }, ports);
}

async function replace(node: SeiNode, pod: PodView, ports: ExecutorPorts): Promise<Outcome | null> {
  if (!ports.mayAct(node)) return again(1000, "the Lease is not held");
  const reply = await ports.objects.deletePod(pod);
  // Gone already, or another Pod of that name by now: either way the next look tells.
  if (reply.kind === "ok" || reply.kind === "notFound" || reply.kind === "conflict") return null;
  return unanswered(`Pod ${pod.name}`, reply);
}

/** What the Pod came to: its images as they were applied, whatever admission had it say. */
async function seen(node: SeiNode, { pod, statefulSet }: Sight, ports: ExecutorPorts): Promise<Outcome> {
  const seid = pod.containers.find((container) => container.name === SEID_CONTAINER);
  const asked = askedImages(node.status.applied, statefulSet);
  if (seid === undefined || asked.seid === null) return again(LOOK_AGAIN_MS, OTHER);
  const stray = await strayed({ pod, statefulSet }, asked, ports);
  if (stray !== null) return stray;
  if (seid.state !== "running") {
    const reason = seid.stateReason === "" ? "" : `: ${seid.stateReason}`;
    return again(LOOK_AGAIN_MS, `container ${SEID_CONTAINER} is ${seid.state}${reason}`);
  }
  const { name, uid, revision } = pod;
  const sidecar = isOfTemplate(pod, statefulSet) ? asked.sidecar : imageIn(pod, SIDECAR_CONTAINER);
  return {
    kind: "done",
    status: {
      currentImage: asked.seid,
      ...(sidecar === null ? {} : { currentSidecarImage: sidecar }),
      rolledOutPod: { name, uid, ...(revision === null ? {} : { revision }) },
    },
  };
}

function isOfTemplate({ revision }: PodView, { updateRevision }: StatefulSetView): boolean {
  return revision !== null && revision === updateRevision;
}

function imageIn({ containers }: PodView, name: string): string | null {
  return containers.find((container) => container.name === name)?.image ?? null;
}

/** A Pod, and the set whose template it may have been made from. */
interface Sight {
  readonly pod: PodView;
  readonly statefulSet: StatefulSetView;
}

const OTHER = "the Pod does not run the image of the template";

/** Null when the Pod's images are the template's, or were rewritten as a Pod of the update revision was made. */
async function strayed(
  { pod, statefulSet }: Sight,
  asked: TemplateImages,
  { objects }: ExecutorPorts,
): Promise<Outcome | null> {
  const other = pod.containers.find(({ name, image }) => {
    const applied = name === SEID_CONTAINER ? asked.seid : name === SIDECAR_CONTAINER ? asked.sidecar : null;
    return applied !== null && !isImageApplied(image, applied);
  });
  if (other === undefined) return null;
  // A Pod of another template says for itself what it was made from.
  if (!isOfTemplate(pod, statefulSet)) return other.name === SEID_CONTAINER ? again(LOOK_AGAIN_MS, OTHER) : null;
  if (pod.generation === 1) return null;
  const reply = await objects.hasImagesAsMade(pod);
  if (reply.kind !== "ok") return unanswered(`Pod ${pod.name}`, reply);
  if (reply.value) return null;
  return again(
    LOOK_AGAIN_MS,
    `container ${other.name} was edited in place to ${other.image}. Delete Pod ${pod.name} to have it as applied`,
  );
}
