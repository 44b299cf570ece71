/** What effects rest on, each part read live: the Pod at its address, the volume below it, the revision that decides. */
import { incarnationOf } from "../model/gate/index.ts";
import {
  adoptedVolume,
  type ClaimView,
  isHomeOn,
  isSameLife,
  type Outcome,
  type PodView,
  type TaskContext,
} from "../model/index.ts";
import { importLost } from "./import-volume.ts";
import { again, fail, supersede, failureOutcome } from "./outcomes.ts";
import type { ExecutorPorts } from "./ports.ts";

const NEXT_LOOK_MS = 1000;
const OLDER_POD_MS = 10_000;

/** The Pod that was seen, alive, at the address that is dialled, on the volume that init completed on, which is there. */
export async function placeProof(context: TaskContext, pod: PodView, ports: ExecutorPorts): Promise<Outcome | null> {
  const [live, volume] = await Promise.all([livePod(context, pod, ports), liveVolume(context, ports)]);
  if ("doubt" in live) return live.doubt;
  if ("doubt" in volume) return volume.doubt;
  return volume.claim === null ? null : agedProof(context, live.pod, volume.claim);
}

/** Addresses are reused: a Pod of the same name, or at the same address, may be another one by now. */
async function livePod(
  context: TaskContext,
  pod: PodView,
  ports: ExecutorPorts,
): Promise<{ readonly pod: PodView } | { readonly doubt: Outcome }> {
  const reply = await ports.objects.pod(pod.namespace, pod.name);
  if (reply.kind === "notFound") return { doubt: again(NEXT_LOOK_MS, "the Pod is gone") };
  if (reply.kind !== "ok") return { doubt: failureOutcome(`Pod ${pod.name}`, reply) };
  const live = reply.value;
  const hasEnded = live.phase === "Succeeded" || live.phase === "Failed";
  const isSame = live.uid === pod.uid && live.ip === pod.ip && live.ownerUid === pod.ownerUid;
  if (!isSame || live.deleting || hasEnded)
    return { doubt: again(NEXT_LOOK_MS, "the Pod is not the one that was seen") };
  const { incarnation } = context.plan;
  if (incarnation !== undefined && !isSameLife(incarnation, incarnationOf(live))) {
    return { doubt: supersede("the sidecar was replaced") };
  }
  return mountsVolume(context, live) ? { pod: live } : { doubt: otherVolume };
}

/** The claim as it is now; null where the node imports one, which is judged by itself. */
async function liveVolume(
  context: TaskContext,
  ports: ExecutorPorts,
): Promise<{ readonly claim: ClaimView | null } | { readonly doubt: Outcome }> {
  const { metadata, status } = context.node;
  const { dataVolume } = status;
  if (dataVolume === undefined) return { doubt: otherVolume };
  if (ports.imports.wanted(context.node) !== null) {
    const doubt = await importLost(context, ports);
    return doubt === null ? { claim: null } : { doubt };
  }
  const what = `claim ${dataVolume.claimName}`;
  const found = await ports.objects.claim(metadata.namespace, dataVolume.claimName);
  if (found.kind === "notFound") return { doubt: fail("DATA_VOLUME_LOST", `${what}: it is gone`) };
  if (found.kind !== "ok") return { doubt: failureOutcome(what, found) };
  return found.value.uid === dataVolume.uid ? { claim: found.value } : { doubt: otherVolume };
}

/**
 * A Pod keeps the volume it started on, also where its claim was replaced by force: one that is older than the claim is on
 * another. Where a Running node's volume is another than before, a person has said so, and is believed.
 */
function agedProof({ node, plan }: TaskContext, pod: PodView, claim: ClaimView): Outcome | null {
  const isNew = plan.failedPhase !== undefined || adoptedVolume(node) === claim.uid;
  if (!isNew || Date.parse(claim.createdAt) <= Date.parse(pod.createdAt)) return null;
  const why = `Pod ${pod.name} is older than claim ${claim.name}, so it runs on another volume. Replace the Pod`;
  return plan.failedPhase === undefined ? fail("DATA_VOLUME_LOST", why) : again(OLDER_POD_MS, why);
}

/** Whether the home of the Pod's `seid` is on the volume that init completed on: to have it among its volumes proves nothing. */
export function mountsVolume({ node }: TaskContext, pod: PodView): boolean {
  const { dataVolume } = node.status;
  return dataVolume !== undefined && isHomeOn(pod, dataVolume.claimName);
}

/** The ground of a gate that stays shut. */
export const otherVolume: Outcome = fail("DATA_VOLUME_LOST", "the data volume is not the one that init completed on");
