/**
 * What only a person may decide, said by annotation on the SeiNode. A new start is
 * made once for each word: the one that was heeded is kept in `status.reinitialized`.
 */
import type { NodeStatus, SeiNode } from "./node.ts";

/** Annotations that are read, with what each allows. */
export const CONSENT_ANNOTATIONS = {
  "tidekeeper.sei.io/accept-data-volume":
    "UID of the claim that is there now: its data counts from now on, and the gate may be opened on it.",
  "tidekeeper.sei.io/adopt":
    "UID of the data volume's claim: objects of the node's name that nobody owns become this node's as they are. No Pod is replaced, nothing is initialised, and the data of that claim counts.",
  "tidekeeper.sei.io/reinitialize":
    "Any text that was not given before: a Failed node, or one whose data volume or status is lost, is initialised anew; a missing volume is created blank, an imported one is waited for. For a validator a blank volume risks double signing.",
  "tidekeeper.sei.io/open-gate":
    "UID of the Pod that stands there now: its gate may be opened although its sidecar's tasks do not tell whether it was shut on purpose (HeldByWorkflow is Unknown). One that is known to be shut on purpose stays shut.",
  "tidekeeper.sei.io/take-over":
    "Any text: a node that the reference brought up is taken over although its Pod is then replaced (condition TakeOver says why).",
} as const;

/** The UID of the claim that was accepted; null when none was. */
export function acceptedVolume(node: SeiNode): string | null {
  return node.metadata.annotations?.["tidekeeper.sei.io/accept-data-volume"] ?? null;
}

/** True when a person said that the gate of exactly this Pod may be opened though its history is not known. */
export function mayOpenGateOf({ metadata }: Pick<SeiNode, "metadata">, podUid: string): boolean {
  return podUid !== "" && metadata.annotations?.["tidekeeper.sei.io/open-gate"] === podUid;
}

/** The UID of the claim that is to be taken over with all that nobody owns; null when none is. */
export function adoptedVolume(node: SeiNode): string | null {
  return node.metadata.annotations?.["tidekeeper.sei.io/adopt"] ?? null;
}

/** The word that asks, or once asked, for a new start; null when there is none. */
export function standingWord(node: SeiNode): string | null {
  return node.metadata.annotations?.["tidekeeper.sei.io/reinitialize"] || null;
}

/** True when a person consented to a take-over that replaces the Pod. */
export function mayReplaceToTakeOver(node: SeiNode): boolean {
  return (node.metadata.annotations?.["tidekeeper.sei.io/take-over"] ?? "") !== "";
}

/** The word that asks for a new start and was not heeded yet; null when there is none. */
export function unheededRestart(node: SeiNode, status: NodeStatus): string | null {
  const asked = standingWord(node);
  return asked === status.reinitialized ? null : asked;
}
