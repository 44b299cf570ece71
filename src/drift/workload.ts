/**
 * Drift of the workload: a StatefulSet or Service that is gone, was edited by somebody, or was made from an older
 * generation of the spec.
 *
 * Only what we applied is compared, by the digests that the last apply came to, so defaults that the API server
 * fills in and fields of others never count. A node that nobody of ours has applied yet is taken over first.
 * Source: docs/design/0007-workload.md, docs/design/0012-taking-over.md.
 *
 * What an edit changes in the template takes effect with the next Pod: nothing of ours restarts a blockchain node
 * unasked, so until then condition `PodOutdated` says so.
 */
import {
  applyTasks,
  defineDetector,
  type Detector,
  type DetectorCondition,
  type Drift,
  isAsApplied,
  isHomeOn,
  NODE_LABEL,
  type SeiNode,
  type Surroundings,
} from "../plugin/index.ts";
import { hasFailedRollOut } from "./below-roll-out.ts";
import { workflowHold } from "./held.ts";
import { editedInPlace, isUntaken, type ToldImage } from "./images-in-use.ts";
import { firstSight, takeOver, takeOverCondition } from "./take-over.ts";

/** Somebody who undoes every heal is not fought faster than this: so many plans in so many milliseconds. */
const CONTESTED_PLANS = 3;
const CONTESTED_MS = 120_000;

/** Fourth in the order, the last of ours: an image plan applies the same objects. */
export const workload: Detector = defineDetector({
  name: "workload",
  leavesAlone: "PodOutdated",
  conditions({ node, around }): readonly DetectorCondition[] {
    const edited = editedInPlace(node, around);
    const isOutdated = isReplaced(node) ? null : isOlderThanTemplate(around);
    const age = isOutdated === null ? [] : [isOutdated ? OUTDATED : UP_TO_DATE];
    return [...(edited === null ? age : [editedCondition(edited)]), ...takeOverCondition(node, around)];
  },
  detect({ node, around, now, waiting }): Drift | null {
    if (workflowHold(node) !== null || isContested(node, now)) return null;
    if (isUntaken(node, around)) return takeOver(node, around);
    const gap = gapOf(node, around);
    if (gap === null) return firstSight(node, around);
    // A roll-out that backs off applies the same; what was refused to it would be refused once more, and told twice.
    if (gap === OLDER && hasFailedRollOut(waiting)) return null;
    return {
      reason: "WorkloadChanged",
      message: gap,
      tasks: applyTasks(node),
      targetPhase: "Running",
    };
  },
});

function gapOf(node: SeiNode, around: Surroundings): string | null {
  const { applied } = node.status;
  const { statefulSet, service } = around;
  if (applied === undefined) return null;
  if (statefulSet === null || statefulSet.deleting) return goneOrUnseen("StatefulSet");
  if (service === null || service.deleting) return goneOrUnseen("Service");
  return setGap(node, around) ?? (isAsApplied(applied.service, service) ? ageGap(node) : "the Service was edited");
}

/** What of it bears on the Pod; null as well of a node that nobody of ours has applied yet. */
export function templateGap(node: SeiNode, around: Surroundings): string | null {
  if (node.status.applied === undefined || isUntaken(node, around)) return null;
  const { statefulSet } = around;
  if (statefulSet === null || statefulSet.deleting) return goneOrUnseen("StatefulSet");
  return setGap(node, around) ?? ageGap(node);
}

/** One that lost its label is seen by nobody: applied again, it has it back. */
function goneOrUnseen(kind: "StatefulSet" | "Service"): string {
  return `the ${kind} is gone, or lost its label ${NODE_LABEL}`;
}

function setGap({ status: { applied, dataVolume } }: SeiNode, { statefulSet }: Surroundings): string | null {
  if (applied === undefined || statefulSet === null) return null;
  if (!isAsApplied(applied.statefulSet, statefulSet)) return "the StatefulSet was edited";
  // A mount that somebody put beside ours is no field of ours, and yet covers it.
  const isOff = dataVolume !== undefined && !isHomeOn(statefulSet, dataVolume.claimName);
  return isOff ? "the template's home is off the data volume" : null;
}

function ageGap({ status: { applied }, metadata }: SeiNode): string | null {
  return applied?.generation === metadata.generation ? null : OLDER;
}

const OLDER = "the spec changed since its objects were applied";

function isContested(node: SeiNode, now: number): boolean {
  const current = node.metadata.generation;
  // An edit of the spec is somebody's word, not a fight over what it says.
  const ours = (node.status.history ?? []).filter(
    ({ detector, generation }) => detector === "workload" && (generation ?? current) === current,
  );
  // One that ended in time to come is a clock set back, and says nothing.
  const ages = ours.map(({ finishedAt }) => now - Date.parse(finishedAt));
  return ages.filter((ms) => ms >= 0 && ms < CONTESTED_MS).length >= CONTESTED_PLANS;
}

/** A plan that sees a roll-out through replaces the Pod itself. */
function isReplaced({ status }: SeiNode): boolean {
  const { plan } = status;
  return plan?.phase === "Active" && plan.tasks.some(({ type }) => type === "observe-image");
}

/** Whether the Pod is of another revision than the template; null while that cannot be said. */
export function isOlderThanTemplate({ statefulSet, pod }: Surroundings): boolean | null {
  if (pod === null) return false;
  if (statefulSet === null || statefulSet.deleting || pod.deleting || pod.revision === null) return null;
  if (statefulSet.observedGeneration < statefulSet.generation || statefulSet.updateRevision === null) return null;
  return pod.revision !== statefulSet.updateRevision;
}

const OUTDATED: DetectorCondition = {
  type: "PodOutdated",
  status: "True",
  reason: "TemplateChanged",
  message:
    "the Pod runs an older template than its StatefulSet has: what was edited takes effect when the Pod is next replaced, for example by deleting it",
};

function editedCondition({ container, said, applied }: ToldImage): DetectorCondition {
  const message = `the Pod was edited in place: ${container} has ${said} where ${applied} was applied. Nothing is stamped for it; it is as applied again when the Pod is next replaced, for example by deleting it`;
  return { type: "PodOutdated", status: "True", reason: "PodEdited", message };
}

const UP_TO_DATE: DetectorCondition = {
  type: "PodOutdated",
  status: "False",
  reason: "UpToDate",
  message: "",
  quiet: true,
};
