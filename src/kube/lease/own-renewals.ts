/**
 * Renewals of ours, remembered until their time is over. The reply to one may be late, or never come. It counts all the
 * same, from when it was sent, once the watch shows it on the Lease.
 */
import type { Result } from "../client/index.ts";
import type { LeaseDoor, LeaseMarks } from "./lease-door.ts";
import { type Lease, renewTimeOf } from "./lease.ts";

/** What those who share a Lease tell one another on it. */
export interface SharedLease {
  /** Annotations that go along with each renewal; `null` takes one away. They tell ours from the others'. */
  readonly marks: () => LeaseMarks;
  /** The same for the end. */
  readonly lastMarks: () => LeaseMarks;
  /** True when nobody else can still be working under it: only then it is given back. */
  readonly isLast: () => boolean;
}

/** What is to be held, and in whose name. */
export interface Holding {
  readonly lease: Lease;
  readonly identity: string;
  readonly shared?: SharedLease | undefined;
}

/** What was written, so that it is known again. */
interface Sent {
  readonly at: number;
  readonly renewTime: string;
  readonly marks: LeaseMarks | undefined;
}

/** One every two seconds, for the ten that one can count at most. */
const KEPT = 8;
/** The digits of a Lease's time below the millisecond. */
const BEATS = 1000;

/** The renewals of one process for one Lease. */
export class OwnRenewals {
  #sent: readonly Sent[] = [];
  #beat = 0;

  /**
   * Takes or renews the Lease. No two renewals carry the same time, whatever the wall clock does: others live by seeing it
   * change.
   */
  hold(
    door: LeaseDoor,
    { lease, identity, shared }: Holding,
    { mono, wall }: { readonly mono: number; readonly wall: number },
  ): Promise<Result<unknown>> {
    this.#beat = (this.#beat + 1) % BEATS;
    const renewal = { renewTime: renewTimeOf(wall, this.#beat), marks: shared?.marks() };
    this.#sent = [...this.#sent, { ...renewal, at: mono }].slice(-KEPT);
    const isCommon = shared !== undefined && lease.holder === identity;
    return isCommon ? door.renewShared(renewal) : door.hold(lease, renewal);
  }

  /** When the renewal that this Lease shows was sent; null where it shows none of ours. */
  shownBy(lease: Lease | null): number | null {
    if (lease === null) return null;
    return this.#sent.findLast((sent) => isShown(sent, lease))?.at ?? null;
  }
}

/** Where several write under one name, the next one's time is soon in the place of ours; its marks are not. */
function isShown({ renewTime, marks }: Sent, lease: Lease): boolean {
  const kept = Object.entries(marks ?? {}).filter(([, mark]) => mark !== null);
  if (kept.length === 0) return lease.renewTime === renewTime;
  return kept.every(([name, mark]) => lease.annotations[name] === mark);
}
