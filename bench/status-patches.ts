/** How many writes a healing cost, by the API server's own audit log. */
import type { AuditEntry } from "../test/cluster/harness/audit-log.ts";
import { takenAs } from "../test/cluster/harness/taken-as.ts";

/** Accepted status patches a healing. */
export interface PatchCount {
  readonly healings: number;
  /** All of them, also those of healings that did not end. */
  readonly patches: number;
  /** Those that tell of the shut gate, store the plan, close it: all but the next. */
  readonly remediation: Share;
  /** Those that tell only that nothing is known, as of a Pod that is gone for a while. */
  readonly unknown: Share;
}

/** A number of patches, over the healings. */
export interface Share {
  readonly mean: number;
  readonly max: number;
}

interface StatusPatch {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Counts entries of one namespace. A healing begins with the first patch after the last one ended. */
export function countPatches(entries: readonly AuditEntry[], namespace: string): PatchCount {
  const patches = entries.filter(
    (entry) => entry.namespace === namespace && entry.resource === "seinodes/status" && entry.code === 200,
  );
  const healings = [...Map.groupBy(patches, ({ name }) => name).values()].flatMap(healingsOf);
  const isUnknown = (entry: AuditEntry): boolean => readinessIn(entry) === "Unknown";
  return {
    healings: healings.length,
    patches: patches.length,
    remediation: share(healings.map((healing) => healing.filter((entry) => !isUnknown(entry)).length)),
    unknown: share(healings.map((healing) => healing.filter(isUnknown).length)),
  };
}

/** The same in one sentence. */
export function patchesNote({ healings, remediation, unknown }: PatchCount): string {
  return `Status patches a healing, by the API server's audit log: ${healings} healings, mean ${remediation.mean}, most ${remediation.max}; those that tell only that the sidecar is not known to be ready (a Pod that was gone for a while) mean ${unknown.mean}, most ${unknown.max}.`;
}

/** A healing ends where the gate is seen open. */
function healingsOf(patches: readonly AuditEntry[]): readonly (readonly AuditEntry[])[] {
  const healings: AuditEntry[][] = [];
  let current: AuditEntry[] = [];
  for (const entry of patches.toSorted((a, b) => a.atMs - b.atMs)) {
    current.push(entry);
    if (readinessIn(entry) !== "True") continue;
    healings.push(current);
    current = [];
  }
  return healings;
}

function readinessIn(entry: AuditEntry): string | null {
  const { status } = takenAs<StatusPatch>(entry.requestObject ?? {});
  return status?.conditions?.find(({ type }) => type === "SidecarReady")?.status ?? null;
}

function share(counts: readonly number[]): Share {
  const sum = counts.reduce((total, count) => total + count, 0);
  const mean = counts.length === 0 ? 0 : Math.round((sum / counts.length) * 100) / 100;
  return { mean, max: Math.max(0, ...counts) };
}
