/** The pure step of leader election: what is known in, the next move out. */
import { jitter } from "../../base/index.ts";
import type { Lease } from "./lease.ts";

/** Milliseconds: how long a silent holder keeps the Lease, how long it may act on it, and how often it writes. */
export interface ElectorTiming {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/** What the field has settled on. */
export const electorTiming: ElectorTiming = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };

/** All that an elector knows. Times are its own monotonic milliseconds; nobody else's clock is believed. */
export interface ElectorState {
  readonly role: "standby" | "leading" | "lost";
  /** The Lease as last seen; `null` when there is none, `undefined` before the first read. */
  readonly lease: Lease | null | undefined;
  /** When the Lease was last seen to change, and how long its holder had then. */
  readonly changedAt: number;
  readonly holdMs: number;
  /** Just before the last write that succeeded was sent. */
  readonly renewedAt: number;
  /** When the last try, of whatever kind, was begun; `null` before the first. */
  readonly triedAt: number | null;
  /** The last try failed, so the Lease may be other than what was seen. */
  readonly isUnsure: boolean;
  /** The read that was to settle this failed as well. */
  readonly isBlind: boolean;
}

/** What to do now; `wait` ends early when the Lease changes. */
export type ElectorMove =
  | { readonly kind: "create" }
  | { readonly kind: "hold"; readonly lease: Lease }
  | { readonly kind: "read" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "lose"; readonly why: string };

/** Before anything is known. */
export const electorStart: ElectorState = {
  role: "standby",
  lease: undefined,
  changedAt: 0,
  holdMs: 0,
  renewedAt: 0,
  triedAt: null,
  isUnsure: false,
  isBlind: false,
};

const JITTER = 0.2;

/** Refuses timings under which two could lead at once, by throwing. */
export function assertElectorTiming({ leaseMs, renewMs, retryMs }: ElectorTiming): void {
  if (leaseMs <= renewMs) throw refusal(`lease duration ${leaseMs} ms`, `more than the renew deadline ${renewMs} ms`);
  if (renewMs <= retryMs * (1 + JITTER))
    throw refusal(
      `renew deadline ${renewMs} ms`,
      `more than ${retryMs * (1 + JITTER)} ms, the retry period and its jitter`,
    );
  if (retryMs <= 0) throw refusal(`retry period ${retryMs} ms`, "more than 0");
}

/** Takes in the Lease as somebody saw it at `now`. */
export function seeLease(
  state: ElectorState,
  lease: Lease | null,
  { now, timing }: { readonly now: number; readonly timing: ElectorTiming },
): ElectorState {
  const before = state.lease;
  if (lease === null) {
    // The holder of a deleted Lease may act until its time is over. Where no holder was ever seen, we wait for none.
    const wasHeld = before !== undefined && before !== null && before.holder !== "";
    if (wasHeld) return { ...state, lease, changedAt: now, holdMs: timing.leaseMs };
    return before === null ? state : { ...state, lease, changedAt: now, holdMs: 0 };
  }
  if (before !== undefined && before !== null && before.pulse === lease.pulse) return { ...state, lease };
  const holdMs = lease.holder === "" ? 0 : Math.max(timing.leaseMs, lease.durationMs ?? 0);
  // A new Lease without a holder does not shorten the time of the holder before it.
  if (before === null && lease.holder === "" && state.holdMs > 0) return { ...state, lease };
  return { ...state, lease, changedAt: now, holdMs };
}

/** What an elector called `identity` does at `now`. `u32` is a random number for the jitter. */
export function electorStep(
  state: ElectorState,
  { now, u32, identity, timing }: { now: number; u32: number; identity: string; timing: ElectorTiming },
): ElectorMove {
  const pause = jitter(timing.retryMs, u32, { from: 1, to: 1 + JITTER });
  const tryMs = state.triedAt === null ? 0 : Math.max(0, state.triedAt + pause - now);
  switch (state.role) {
    case "lost":
      return { kind: "wait", ms: Number.POSITIVE_INFINITY };
    case "leading": {
      const why = lossOf(state, { now, identity, timing });
      if (why !== null) return { kind: "lose", why };
      const leftMs = state.renewedAt + timing.renewMs - now;
      if (tryMs > 0) return { kind: "wait", ms: Math.min(tryMs, leftMs) };
      // Where a read gets no answer, a write may: its lock keeps it from overwriting what we have not seen.
      const isToRead = state.isUnsure && !state.isBlind;
      return isToRead || !state.lease ? { kind: "read" } : { kind: "hold", lease: state.lease };
    }
    case "standby":
      return standbyMove(state, { now, identity, tryMs });
  }
}

/** How long the Lease is left to whoever holds it, as far as is known; infinite before the first read. */
export function takeableInMs(
  { lease, changedAt, holdMs }: ElectorState,
  { now, identity }: { readonly now: number; readonly identity: string },
): number {
  if (lease === undefined) return Number.POSITIVE_INFINITY;
  // Our own name on it comes from an earlier process of this container, or from others who share the name.
  return lease?.holder === identity ? 0 : Math.max(0, changedAt + holdMs - now);
}

function standbyMove(
  state: ElectorState,
  { now, identity, tryMs }: { now: number; identity: string; tryMs: number },
): ElectorMove {
  const { lease } = state;
  if (lease === undefined || (state.isUnsure && !state.isBlind))
    return tryMs > 0 ? { kind: "wait", ms: tryMs } : { kind: "read" };
  const heldMs = takeableInMs(state, { now, identity });
  if (heldMs > 0) return { kind: "wait", ms: heldMs };
  // A Lease that is absent after a try: its creation failed.
  if (lease === null && tryMs > 0) return { kind: "wait", ms: tryMs };
  return lease === null ? { kind: "create" } : { kind: "hold", lease };
}

function lossOf(
  { lease, renewedAt }: ElectorState,
  { now, identity, timing }: { now: number; identity: string; timing: ElectorTiming },
): string | null {
  if (now - renewedAt >= timing.renewMs) return `not renewed for ${Math.round(now - renewedAt)} ms`;
  if (lease === null) return "the Lease was deleted";
  if (lease !== undefined && lease.holder !== identity)
    return lease.holder === "" ? "nobody holds it any more" : `another holds the Lease: ${lease.holder}`;
  return null;
}

function refusal(got: string, want: string): Error {
  return new Error(`leader election: timing: got ${got}, want ${want}.`);
}
