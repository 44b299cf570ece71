/** How many writes a healing cost, by the API server's own audit log. */
import type { AuditEntry } from "../test/cluster/harness/audit-log.ts";
import { takenAs } from "../test/cluster/harness/taken-as.ts";

/** Accepted status patches, told apart by whether an unknown state had to be written too. */
export interface PatchCount {
  readonly healings: number;
  /** Status patches a healing, of those for which `Unknown` was never written. */
  readonly withoutUnknown: { readonly healings: number; readonly mean: number; readonly max: number };
  /** The same of those that went through `Unknown`, such as a Pod that was gone for a while. */
  readonly withUnknown: { readonly healings: number; readonly mean: number; readonly max: number };
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
  const unknown = healings.filter((healing) => healing.some((entry) => readinessIn(entry) === "Unknown"));
  const known = healings.filter((healing) => !unknown.includes(healing));
  return { healings: healings.length, withoutUnknown: sizes(known), withUnknown: sizes(unknown) };
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

function sizes(healings: readonly (readonly AuditEntry[])[]): PatchCount["withUnknown"] {
  const counts = healings.map((healing) => healing.length);
  const sum = counts.reduce((total, count) => total + count, 0);
  const mean = counts.length === 0 ? 0 : Math.round((sum / counts.length) * 100) / 100;
  return { healings: counts.length, mean, max: Math.max(0, ...counts) };
}
