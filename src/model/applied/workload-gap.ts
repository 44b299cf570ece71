/**
 * In what the objects of a node are not as they were applied, or were applied from an older spec. Only what we applied is
 * compared, so defaults that the API server fills in and fields of others never count.
 */
import { isAsApplied, isHomeOn, NODE_LABEL, type SeiNode, type OwnedObjects } from "../index.ts";
import { isUntaken } from "./images-in-use.ts";

/** A difference in words; `isAge` = the objects are whole, and older than the spec. */
export interface WorkloadGap {
  readonly message: string;
  readonly isAge: boolean;
}

/** The first gap of StatefulSet or Service; null when there is none, or nobody of ours has applied them yet. */
export function workloadGap(node: SeiNode, owned: OwnedObjects): WorkloadGap | null {
  const { applied } = node.status;
  const { statefulSet, service } = owned;
  if (applied === undefined) return null;
  if (statefulSet === null || statefulSet.deleting) return goneOrUnseen("StatefulSet");
  if (service === null || service.deleting) return goneOrUnseen("Service");
  const set = setGap(node, owned);
  if (set !== null) return set;
  return isAsApplied(applied.service, service) ? ageGap(node) : edit("the Service was edited");
}

/** What of it bears on the Pod; null as well of a node that nobody of ours has applied yet. */
export function templateGap(node: SeiNode, owned: OwnedObjects): string | null {
  if (node.status.applied === undefined || isUntaken(node, owned)) return null;
  const { statefulSet } = owned;
  const isGone = statefulSet === null || statefulSet.deleting;
  const gap = isGone ? goneOrUnseen("StatefulSet") : (setGap(node, owned) ?? ageGap(node));
  return gap?.message ?? null;
}

/** Whether the Pod is of another revision than the template; null while that cannot be said. */
export function isOlderThanTemplate({ statefulSet, pod }: OwnedObjects): boolean | null {
  if (pod === null) return false;
  if (statefulSet === null || statefulSet.deleting || pod.deleting || pod.revision === null) return null;
  if (statefulSet.observedGeneration < statefulSet.generation || statefulSet.updateRevision === null) return null;
  return pod.revision !== statefulSet.updateRevision;
}

/** One that lost its label is seen by nobody: applied again, it has it back. */
function goneOrUnseen(kind: "StatefulSet" | "Service"): WorkloadGap {
  return edit(`the ${kind} is gone, or lost its label ${NODE_LABEL}`);
}

function setGap({ status: { applied, dataVolume } }: SeiNode, { statefulSet }: OwnedObjects): WorkloadGap | null {
  if (applied === undefined || statefulSet === null) return null;
  if (!isAsApplied(applied.statefulSet, statefulSet)) return edit("the StatefulSet was edited");
  // A mount that somebody put beside ours is no field of ours, and yet covers it.
  const isOff = dataVolume !== undefined && !isHomeOn(statefulSet, dataVolume.claimName);
  return isOff ? edit("the template's home is off the data volume") : null;
}

function ageGap({ status: { applied }, metadata }: SeiNode): WorkloadGap | null {
  if (applied?.generation === metadata.generation) return null;
  return { message: "the spec changed since its objects were applied", isAge: true };
}

function edit(message: string): WorkloadGap {
  return { message, isAge: false };
}
