/** What is told of a node once the API server has stored it: a patch that was refused, or never sent, tells nothing. */
import { type SeiNode, shortId } from "../model/index.ts";

/** One thing to be told. */
export interface StoredReport {
  /** Whether it shows in the node as it was stored, or read after the reply to its patch was lost. */
  readonly isStored: (node: SeiNode) => boolean;
  readonly tell: () => void;
}

/** Whether a plan is in status, Active or ended. */
export function hasPlan({ status }: SeiNode, id: string): boolean {
  return status.plan?.id === id || hasEnded({ status }, id);
}

/** Whether a plan is in status as one that has ended. */
export function hasEnded({ status }: Pick<SeiNode, "status">, id: string): boolean {
  return status.history?.some((record) => record.id === shortId(id)) ?? false;
}

/** Tells what was stored; the rest never was. */
export function tellStored(reports: readonly StoredReport[], node: SeiNode): void {
  for (const { isStored, tell } of reports) if (isStored(node)) tell();
}
