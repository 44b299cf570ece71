/** Who else uses the claim that a node imports: two `seid` on one volume corrupt it. */
import type { PodView, SeiNode } from "../../model/index.ts";
import { claimName } from "../objects/index.ts";
import { field } from "../../base/index.ts";

/** Somebody else with the same volume. */
export interface Rival {
  /** For messages: `SeiNode a`, `Pod a-0`. */
  readonly who: string;
  /** It is going, so waiting may help. */
  readonly isLeaving: boolean;
}

/**
 * The SeiNode that has more right to the claim, else a Pod of another node that mounts it; null when there is neither.
 * Of two that import one claim exactly one has more right, whoever asks: first who runs on it or whose own it is by
 * name, then the older one.
 */
export function rivalOf(
  node: SeiNode,
  claim: string,
  { nodes, pods }: { readonly nodes: Iterable<SeiNode>; readonly pods: Iterable<PodView> },
): Rival | null {
  const { namespace, name, uid } = node.metadata;
  for (const other of nodes) {
    if (other.metadata.namespace !== namespace || other.metadata.uid === uid || !uses(other, claim)) continue;
    if (!hasMoreRight(other, node, claim)) continue;
    return { who: `SeiNode ${other.metadata.name}`, isLeaving: other.metadata.deletionTimestamp !== undefined };
  }
  for (const pod of pods) {
    if (pod.namespace !== namespace || pod.node === name || !pod.claims.includes(claim)) continue;
    if (pod.phase !== "Succeeded" && pod.phase !== "Failed") return { who: `Pod ${pod.name}`, isLeaving: true };
  }
  return null;
}

/** What a node that has reserved a claim finds among all SeiNodes of its namespace, read live since. */
export type Contention =
  | { readonly kind: "free" }
  /** Another has it, or gets it: the reservation is given up. */
  | { readonly kind: "taken"; readonly who: string; readonly isLeaving: boolean }
  /** Another reserved it too, and will give it up, or has it by now. */
  | { readonly kind: "contended"; readonly who: string };

/**
 * Whether the claim is the node's to take. Of two that reserve one claim at least one was read by the other with its
 * reservation, so never do both find it free: the older one waits until the other has given up or taken it.
 */
export function contentionOf(node: SeiNode, claim: string, nodes: Iterable<SeiNode>): Contention {
  let found: Contention = { kind: "free" };
  for (const other of nodes) {
    const { namespace, name, uid, deletionTimestamp } = other.metadata;
    if (namespace !== node.metadata.namespace || uid === node.metadata.uid) continue;
    const who = `SeiNode ${name}`;
    const isFirst = standing(other, claim) > 0 || (uses(other, claim) && ageKey(other) < ageKey(node));
    if (isFirst) return { kind: "taken", who, isLeaving: deletionTimestamp !== undefined };
    if (isReserving(other, claim)) found = { kind: "contended", who };
  }
  return found;
}

/** Without a plan it takes nothing, and its next plan begins with this check. */
function isReserving({ status }: SeiNode, claim: string): boolean {
  return status.reservedVolume?.claimName === claim && status.plan?.phase === "Active";
}

function uses(other: SeiNode, claim: string): boolean {
  return claimsOf(other).includes(claim);
}

/** Claims that a node runs on or asks for. */
export function claimsOf(node: SeiNode): readonly string[] {
  const [wanted, known] = [wantedBy(node), node.status.dataVolume?.claimName];
  return known === undefined || known === wanted ? [wanted] : [known, wanted];
}

/** The claim a spec asks for, read without judging the rest of it. */
function wantedBy({ metadata, spec }: SeiNode): string {
  return claimName(metadata.name, importedBy(spec));
}

function importedBy(spec: SeiNode["spec"]): string | null {
  const name = field(field(field(spec, "dataVolume"), "import"), "pvcName");
  return typeof name === "string" ? name : null;
}

function hasMoreRight(other: SeiNode, node: SeiNode, claim: string): boolean {
  const [theirs, ours] = [standing(other, claim), standing(node, claim)];
  if (theirs !== ours) return theirs > ours;
  return ageKey(other) < ageKey(node);
}

function standing(node: SeiNode, claim: string): number {
  const isOwn = importedBy(node.spec) === null && claimName(node.metadata.name) === claim;
  return isOwn || node.status.dataVolume?.claimName === claim ? 1 : 0;
}

/** Times are RFC 3339 in UTC to the second, so they sort as texts; names tell those of one second apart. */
function ageKey({ metadata }: SeiNode): string {
  return `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
}
