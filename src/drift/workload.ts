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
  editedInPlace,
  hasFailedRollOut,
  isOlderThanTemplate,
  isUntaken,
  type SeiNode,
  type ToldImage,
  workflowHold,
  workloadGap,
} from "../plugin/index.ts";
import { firstSight, takeOver, takeOverCondition } from "./take-over.ts";

/** Somebody who undoes every heal is not fought faster than this: so many plans in so many milliseconds. */
const CONTESTED_PLANS = 3;
const CONTESTED_MS = 120_000;

/** Fourth in the order, the last of ours: an image plan applies the same objects. */
export const workload: Detector = defineDetector({
  name: "workload",
  conditionTypes: ["PodOutdated", "TakeOver"],
  reasons: {
    WorkloadChanged: "The StatefulSet or the Service is gone, was edited, or is older than the spec.",
    TakeOver:
      "The reference brought the node up: its objects are not ours yet, or nobody has seen its image run. No Pod is replaced for it.",
    TakenOver: "The node's objects are ours.",
    PodEdited:
      "Somebody gave the running Pod another image in place; it is not stamped, and the next Pod has what was applied.",
    TemplateChanged: "The running Pod is older than its StatefulSet's template: an edit that nothing is restarted for.",
    UpToDate: "No Pod runs an older template than that of its StatefulSet.",
  },
  leavesAlone: "PodOutdated",
  conditions({ node, owned }): readonly DetectorCondition[] {
    const edited = editedInPlace(node, owned);
    const isOutdated = isReplaced(node) ? null : isOlderThanTemplate(owned);
    const age = isOutdated === null ? [] : [isOutdated ? OUTDATED : UP_TO_DATE];
    return [...(edited === null ? age : [editedCondition(edited)]), ...takeOverCondition(node, owned)];
  },
  detect({ node, owned, now, waiting }): Drift | null {
    if (workflowHold(node) !== null || isContested(node, now)) return null;
    if (isUntaken(node, owned)) return takeOver(node, owned);
    const gap = workloadGap(node, owned);
    if (gap === null) return firstSight(node, owned);
    // A roll-out that backs off applies the same; what was refused to it would be refused once more, and told twice.
    if (gap.isAge && hasFailedRollOut(waiting)) return null;
    return {
      reason: "WorkloadChanged",
      message: gap.message,
      tasks: applyTasks(node),
      targetPhase: "Running",
    };
  },
});

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
