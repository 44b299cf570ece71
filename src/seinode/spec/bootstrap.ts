/** Where the first state of a node comes from, as its spec says. */
import type { GenesisCeremony, Mode, SeiNodeSpec, Snapshot } from "./spec.ts";

/** A snapshot that a Job of another image catches up from, before the node itself starts. */
export interface Bootstrap {
  /** Image of `seid` in the Job. */
  readonly image: string;
  /** The Job's `seid` halts at this height. */
  readonly targetHeight: number;
}

/** The bootstrap a spec asks for; null when the node starts at once. */
export function bootstrapOf({ mode }: SeiNodeSpec): Bootstrap | null {
  const snapshot = ceremonyOf(mode) === null ? snapshotOf(mode) : null;
  if (snapshot === null || snapshot.source.kind !== "s3" || snapshot.bootstrapImage === null) return null;
  return { image: snapshot.bootstrapImage, targetHeight: snapshot.source.targetHeight };
}

export function ceremonyOf(mode: Mode): GenesisCeremony | null {
  return mode.kind === "validator" ? mode.genesisCeremony : null;
}

export function snapshotOf(mode: Mode): Snapshot | null {
  return mode.kind === "archive" ? null : mode.snapshot;
}
