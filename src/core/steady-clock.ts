/**
 * The wall clock as this process has lived it. Somebody may set the clock by a day: stamps then say another time, and how
 * long ago a stamp was written is told all the same, since each time of the wall clock is remembered with our own.
 */
import type { NodeStatus, SeiNode } from "../model/index.ts";
import type { Clock } from "../base/index.ts";

/** A clock that knows how old stamps are. */
export interface SteadyClock extends Clock {
  /** The time as RFC 3339: what is written is stamped with it. */
  stamp(): string;
  /** Milliseconds of our own time since a stamp (RFC 3339): below 0 where it is still to come, NaN where it is no time. */
  ageMs(at: string | undefined): number;
  /** The node with its stamps as today's wall clock would have them: for whoever compares them with `wall()`. */
  steadied(node: SeiNode): SeiNode;
}

/** From when on the wall clock was ahead of our own by so many milliseconds. */
interface Era {
  readonly from: number;
  readonly offset: number;
}

/** What the clock is set by in passing, and rounding, is no jump. */
const JUMP_MS = 1000;
const ERAS_KEPT = 8;

/** Notes each jump as it is met: whatever is written is stamped through this clock. */
export function createSteadyClock(clock: Clock): SteadyClock {
  let eras: readonly Era[] = [];
  const wall = (): number => {
    const [mono, now] = [clock.mono(), clock.wall()];
    const offset = now - mono;
    const newest = eras.at(-1);
    if (newest === undefined) eras = [{ from: Number.NEGATIVE_INFINITY, offset }];
    else if (Math.abs(offset - newest.offset) >= JUMP_MS) eras = [...eras, { from: mono, offset }].slice(-ERAS_KEPT);
    else if (offset !== newest.offset) eras = [...eras.slice(0, -1), { from: newest.from, offset }];
    return now;
  };
  const ageMs = (at: string | undefined): number => {
    const time = Date.parse(at ?? "");
    const now = wall();
    const era = eras.findLast((one, index) => isIn(time, one, eras[index + 1]?.from ?? clock.mono()));
    return now - (era === undefined ? 0 : (eras.at(-1)?.offset ?? 0) - era.offset) - time;
  };
  const moved = (at: string): string => {
    const age = ageMs(at);
    return Number.isNaN(age) ? at : new Date(wall() - age).toISOString();
  };
  return {
    mono: () => clock.mono(),
    wall,
    stamp: () => new Date(wall()).toISOString(),
    ageMs,
    steadied(node) {
      wall();
      return eras.length < 2 ? node : { ...node, status: movedStatus(node.status, moved) };
    },
  };
}

/** Whether a time of the wall clock is of an era that ended then; where none has it, others wrote it by another clock. */
function isIn(time: number, { from, offset }: Era, until: number): boolean {
  return time >= from + offset - JUMP_MS && time <= until + offset + JUMP_MS;
}

function movedStatus(status: NodeStatus, moved: (at: string) => string): NodeStatus {
  const { conditions, history, podDeletion } = status;
  return {
    ...status,
    ...(history === undefined
      ? {}
      : { history: history.map((record) => ({ ...record, finishedAt: moved(record.finishedAt) })) }),
    ...(conditions === undefined
      ? {}
      : { conditions: conditions.map((one) => ({ ...one, lastTransitionTime: moved(one.lastTransitionTime) })) }),
    ...(podDeletion === undefined ? {} : { podDeletion: { ...podDeletion, at: moved(podDeletion.at) } }),
  };
}
