/** What effects rest on, each part read live: the Pod at its address, the volume below it, the revision that decides. */
import { isSameLife } from "../core/history.ts";
import { isHomeOn } from "../core/home.ts";
import type { Outcome } from "../core/plan.ts";
import type { TaskContext } from "../core/ports.ts";
import type { PodView } from "../core/views.ts";
import { importLost } from "./import-volume.ts";
import { again, failed, superseded, unanswered } from "./outcomes.ts";
import type { ExecutorPorts } from "./ports.ts";

const NEXT_LOOK_MS = 1000;

/** Addresses are used again: the Pod must be the one that was seen, alive, at the address that is dialled, on its volume. */
export async function podProof(context: TaskContext, pod: PodView, ports: ExecutorPorts): Promise<Outcome | null> {
  const reply = await ports.objects.pod(pod.namespace, pod.name);
  if (reply.kind === "notFound") return again(NEXT_LOOK_MS, "the Pod is gone");
  if (reply.kind !== "ok") return unanswered(`Pod ${pod.name}`, reply);
  const live = reply.value;
  const hasEnded = live.phase === "Succeeded" || live.phase === "Failed";
  const isSame = live.uid === pod.uid && live.ip === pod.ip && live.ownerUid === pod.ownerUid;
  if (!isSame || live.deleting || hasEnded) return again(NEXT_LOOK_MS, "the Pod is not the one that was seen");
  const { incarnation } = context.plan;
  if (incarnation !== undefined && !isSameLife(incarnation, ports.incarnationOf(live))) {
    return superseded("the sidecar was replaced");
  }
  return mountsVolume(context, live) ? null : otherVolume;
}

/** The volume that init completed on is there, under the name that the Pod mounts it by. */
export async function volumeProof(context: TaskContext, ports: ExecutorPorts): Promise<Outcome | null> {
  const { node } = context;
  const { dataVolume } = node.status;
  if (dataVolume === undefined) return otherVolume;
  if (ports.imports.wanted(node) !== null) return importLost(context, ports);
  const found = await ports.objects.claim(node.metadata.namespace, dataVolume.claimName);
  if (found.kind === "notFound") return failed("DATA_VOLUME_LOST", `claim ${dataVolume.claimName}: it is gone`);
  if (found.kind !== "ok") return unanswered(`claim ${dataVolume.claimName}`, found);
  return found.value.uid === dataVolume.uid ? null : otherVolume;
}

/** Whether the home of the Pod's `seid` is on the volume that init completed on: to have it among its volumes proves nothing. */
export function mountsVolume({ node }: TaskContext, pod: PodView): boolean {
  const { dataVolume } = node.status;
  return dataVolume !== undefined && isHomeOn(pod, dataVolume.claimName);
}

/** The ground of a gate that stays shut. */
export const otherVolume: Outcome = failed("DATA_VOLUME_LOST", "the data volume is not the one that init completed on");
