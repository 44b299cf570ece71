/** The task `observe-image`: sees a roll-out through, from the first Pod that is deleted to the image that runs. */
import {
  askedImages,
  isImageApplied,
  isSameImage,
  type NodeStatus,
  type Outcome,
  type PodView,
  SEID_CONTAINER,
  type SeiNode,
  SIDECAR_CONTAINER,
  type StatefulSetView,
  type TaskContext,
  type TemplateImages,
} from "../../model/index.ts";
import { podName, statefulSetName } from "../../seinode/objects/index.ts";
import { type Aim, aimOf, confirmThen } from "../confirm.ts";
import { again, awaitsPod, failureOutcome } from "../outcomes.ts";
import type { ExecutorPorts } from "../ports.ts";
import { applyStatefulSet } from "./apply-statefulset.ts";
import { controllerStep, type Task } from "../task.ts";

/** A node's Pod is deleted at most this often, whatever is believed of its revision. */
const DELETION_EVERY_MS = 60_000;
/** What was written down counts for so long: a deletion that comes later is written down anew, or two could be closer. */
const NOTED_FOR_MS = 5000;
/** Pod events enqueue the node sooner; this is for the ones that never come. */
const OBSERVE_AGAIN_MS = 5000;

/**
 * Sees a roll-out through: replaces our Pod of another revision, and is done when the Pod of the update revision
 * runs `seid`. It stamps the images that were applied for that revision, never a later spec's, and remembers the Pod: what
 * a Pod says instead is admission's doing, but for one that somebody edited in place, which is not stamped.
 *
 * Each Pod's own revision is compared: `updatedReplicas` is 1 with the Pod still Pending, and `currentRevision`
 * says nothing after a roll-back.
 *
 * In a plan that applied nothing before, as when a node is taken over, it only observes: no Pod is replaced, whatever
 * revision it is of, and a sidecar of another image than is wanted stays unseen, since to stamp it would be to roll it.
 */
export const observeImage: Task = controllerStep({
  type: "observe-image",
  about:
    "sees a roll-out through: deletes the Pod of the old revision, waits for the new one, and stamps the image that runs",
  rbac: [
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "delete"] },
  ],
  async run(context, ports) {
    const { statefulSet } = ports.owned(context.node);
    if (statefulSet === null) return again(OBSERVE_AGAIN_MS, "the StatefulSet is not there yet");
    return isRollOut(context) ? rolledOut(context, ports) : asItIs(context.node, statefulSet, ports);
  },
});

function isRollOut({ plan, index }: TaskContext): boolean {
  return plan.tasks.slice(0, index).some(({ type }) => type === applyStatefulSet.type);
}

async function asItIs(node: SeiNode, statefulSet: StatefulSetView, ports: ExecutorPorts): Promise<Outcome> {
  const pod = ports.pods(node).find(({ ownerUid, deleting }) => ownerUid === statefulSet.uid && !deleting);
  if (pod === undefined) return awaitsPod(OBSERVE_AGAIN_MS, "there is no Pod to look at");
  const outcome = await seen(node, { pod, statefulSet }, ports);
  if (outcome.kind !== "done") return outcome;
  const { currentSidecarImage: sidecar, ...status } = outcome.status ?? {};
  const want = ports.owned(node).sidecarImage;
  const isWanted = sidecar !== undefined && want !== null && isSameImage(sidecar, want);
  return isWanted ? outcome : { kind: "done", status };
}

/** The set is read live: of what revision a Pod should be, a watch that has gone silent does not tell. */
async function rolledOut(context: TaskContext, ports: ExecutorPorts): Promise<Outcome> {
  const { node } = context;
  const { namespace, name, uid } = node.metadata;
  const found = await ports.objects.statefulSet(namespace, statefulSetName(name));
  if (found.kind !== "ok") return failureOutcome(`StatefulSet ${statefulSetName(name)}`, found);
  const statefulSet = found.value;
  if (statefulSet.ownerUid !== uid) return again(OBSERVE_AGAIN_MS, "the StatefulSet is not the node's");
  if (statefulSet.observedGeneration < statefulSet.generation || statefulSet.updateRevision === null) {
    return again(OBSERVE_AGAIN_MS, "the StatefulSet controller has not seen the template yet");
  }
  const pods = ports.pods(node).filter((pod) => pod.ownerUid === statefulSet.uid);
  for (const pod of pods) {
    if (pod.revision === statefulSet.updateRevision || pod.deleting) continue;
    return replace(context, { pod, ports });
  }
  const own = podName(node.metadata.name);
  const fresh = pods.find(({ name, revision, deleting }) => {
    return name === own && revision === statefulSet.updateRevision && !deleting;
  });
  return fresh === undefined
    ? awaitsPod(OBSERVE_AGAIN_MS, BEING_REPLACED)
    : seen(node, { pod: fresh, statefulSet }, ports);
}

interface Replacement {
  readonly pod: PodView;
  readonly ports: ExecutorPorts;
}

/** Deletes one Pod of another revision, whose deletion was stored in status first. */
async function replace(context: TaskContext, replacement: Replacement): Promise<Outcome> {
  const { pod, ports } = replacement;
  const noted = context.node.status.podDeletion;
  if (noted?.uid !== pod.uid || isLapsed(noted.at, context.now)) return noteDeletion(context, pod);
  const aim = aimOf(context, ports);
  const isStored = (newest: SeiNode): Outcome | null =>
    newest.status.podDeletion?.uid === pod.uid ? aim.meant(newest) : again(0, NOTED_FIRST);
  return confirmThen(
    { ...aim, meant: isStored },
    { together: [() => outdatedProof(aim, replacement)] },
    async ({ objects }) => {
      const reply = await objects.deletePod(pod);
      // Gone already, or another Pod of that name by now: either way the next try tells.
      const isGone = reply.kind === "ok" || reply.kind === "notFound" || reply.kind === "conflict";
      return isGone ? again(OBSERVE_AGAIN_MS, BEING_REPLACED) : failureOutcome(`Pod ${pod.name}`, reply);
    },
  );
}

const BEING_REPLACED = "the old Pod is being replaced";
const NOTED_FIRST = "the deletion of the Pod is written down first";

/** A time still to come is a clock set back, and as good as lapsed. */
function isLapsed(at: string, now: number): boolean {
  const sinceMs = now - Date.parse(at);
  return !(sinceMs >= 0 && sinceMs < NOTED_FOR_MS);
}

function noteDeletion({ node, now }: TaskContext, { uid }: PodView): Outcome {
  const { podDeletion: before } = node.status;
  const sinceMs = now - Date.parse(before?.at ?? "");
  // A time still to come is a clock set back: it holds nobody up.
  const waitMs = DELETION_EVERY_MS + NOTED_FOR_MS - sinceMs;
  if (before?.uid !== uid && sinceMs >= 0 && waitMs > 0) {
    return again(waitMs, "another Pod of the node was deleted less than a minute ago");
  }
  const status: Partial<NodeStatus> = { podDeletion: { uid, at: new Date(now).toISOString() } };
  return { ...again(0, NOTED_FIRST), status };
}

/** Both read live: the Pod is still there and still not of the revision that its set wants. */
async function outdatedProof({ node }: Aim, { pod, ports }: Replacement): Promise<Outcome | null> {
  const { namespace, name, uid } = node.metadata;
  const [set, live] = await Promise.all([
    ports.objects.statefulSet(namespace, statefulSetName(name)),
    ports.objects.pod(pod.namespace, pod.name),
  ]);
  if (set.kind !== "ok") return failureOutcome(`StatefulSet ${statefulSetName(name)}`, set);
  if (live.kind === "notFound") return again(OBSERVE_AGAIN_MS, BEING_REPLACED);
  if (live.kind !== "ok") return failureOutcome(`Pod ${pod.name}`, live);
  const isOurs = set.value.ownerUid === uid && live.value.uid === pod.uid && live.value.ownerUid === set.value.uid;
  const isSeen = set.value.observedGeneration >= set.value.generation && set.value.updateRevision !== null;
  const isOutdated = isOurs && isSeen && !live.value.deleting && live.value.revision !== set.value.updateRevision;
  return isOutdated ? null : again(OBSERVE_AGAIN_MS, BEING_REPLACED);
}

/** What the Pod came to: its images as they were applied, whatever admission had it say. */
async function seen(node: SeiNode, { pod, statefulSet }: PodOfSet, ports: ExecutorPorts): Promise<Outcome> {
  const seid = pod.containers.find((container) => container.name === SEID_CONTAINER);
  const asked = askedImages(node.status.applied, statefulSet);
  if (seid === undefined || asked.seid === null) return again(OBSERVE_AGAIN_MS, OTHER);
  const stray = await strayed({ pod, statefulSet }, asked, ports);
  if (stray !== null) return stray;
  if (seid.state !== "running") {
    const reason = seid.stateReason === "" ? "" : `: ${seid.stateReason}`;
    return awaitsPod(OBSERVE_AGAIN_MS, `container ${SEID_CONTAINER} is ${seid.state}${reason}`);
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
interface PodOfSet {
  readonly pod: PodView;
  readonly statefulSet: StatefulSetView;
}

const OTHER = "the Pod does not run the image of the template";

/** Null when the Pod's images are the template's, or were rewritten as a Pod of the update revision was made. */
async function strayed(
  { pod, statefulSet }: PodOfSet,
  asked: TemplateImages,
  { objects }: ExecutorPorts,
): Promise<Outcome | null> {
  const other = pod.containers.find(({ name, image }) => {
    const applied = name === SEID_CONTAINER ? asked.seid : name === SIDECAR_CONTAINER ? asked.sidecar : null;
    return applied !== null && !isImageApplied(image, applied);
  });
  if (other === undefined) return null;
  // A Pod of another template says for itself what it was made from.
  if (!isOfTemplate(pod, statefulSet)) return other.name === SEID_CONTAINER ? again(OBSERVE_AGAIN_MS, OTHER) : null;
  if (pod.generation === 1) return null;
  const reply = await objects.hasImagesAsMade(pod);
  if (reply.kind !== "ok") return failureOutcome(`Pod ${pod.name}`, reply);
  if (reply.value) return null;
  return again(
    OBSERVE_AGAIN_MS,
    `container ${other.name} was edited in place to ${other.image}. Delete Pod ${pod.name} to have it as applied`,
  );
}
