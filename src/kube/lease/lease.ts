/** Reads and writes the fields of a Lease. */
import { countAt, field, stringMap, textAt } from "../../base/index.ts";
import type { ResourceRef } from "../client/index.ts";

/** A Lease as election needs it. Whatever is malformed in it counts as not said. */
export interface Lease {
  readonly version: string;
  /** Empty when nobody holds it. */
  readonly holder: string;
  /** How long its holder may be silent. */
  readonly durationMs: number | null;
  readonly transitions: number;
  /** As its holder wrote it: nobody is judged by it. */
  readonly renewTime: string;
  /** All that a holder writes; a change of it is a sign of life, a change of labels is none. */
  readonly pulse: string;
  /** What else is written on it; values that are no text are left out. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Nobody is silenced for longer by what a Lease says of itself. */
const MAX_DURATION_MS = 60_000;

/** Reads a Lease; `null` when it is not even an object of the API server. */
export function readLease(raw: unknown): Lease | null {
  const version = textAt(field(raw, "metadata"), "resourceVersion");
  if (version === "") return null;
  const spec = field(raw, "spec");
  const seconds = countAt(spec, "leaseDurationSeconds");
  return {
    version,
    holder: textAt(spec, "holderIdentity"),
    durationMs: seconds === null || seconds === 0 ? null : Math.min(seconds * 1_000, MAX_DURATION_MS),
    transitions: countAt(spec, "leaseTransitions") ?? 0,
    renewTime: textAt(spec, "renewTime"),
    pulse: JSON.stringify(
      ["holderIdentity", "renewTime", "acquireTime", "leaseTransitions"].map((name) => field(spec, name) ?? null),
    ),
    annotations: stringMap(field(field(raw, "metadata"), "annotations"), asIs),
  };
}

/** The `spec` of a Lease in the hands of `holder`. `renewTime` is for people to read: nobody is judged by it. */
export function heldSpec(
  holder: string,
  { lease, durationMs, renewTime }: { readonly lease: Lease; readonly durationMs: number; readonly renewTime: string },
): Readonly<Record<string, unknown>> {
  const renewed = { holderIdentity: holder, leaseDurationSeconds: Math.round(durationMs / 1_000), renewTime };
  if (lease.holder === holder) return renewed;
  return { ...renewed, acquireTime: renewTime, leaseTransitions: lease.transitions + 1 };
}

/** A time as Leases have it: to the microsecond, whose digits are `beat` here, 0 to 999. */
export function renewTimeOf(wallMs: number, beat: number): string {
  return new Date(wallMs).toISOString().replace("Z", `${String(beat).padStart(3, "0")}Z`);
}

/** The `spec` of a Lease given back. No holder is `null`: the API server refuses an empty one. */
export const RELEASED_SPEC = { holderIdentity: null, leaseDurationSeconds: 1 } as const;

/** Where the Lease `name` is. */
export function leaseRef(namespace: string, name: string): ResourceRef {
  return { group: "coordination.k8s.io", version: "v1", plural: "leases", namespace, name };
}

/** A mark is another with every renewal, so no copy of it is worth keeping. */
function asIs(text: string): string {
  return text;
}
