/**
 * What keeps a node's Pod from running, over time: told once it has lasted a moment, in the words it was first told with,
 * and no longer than it lasts. Pure; the words are the cluster's own (`Trouble`). Who waits for the Pod tells it: the step of
 * a plan, or `Reconciling` and `Ready` of a node at which nothing is done.
 */
import { podTroubleEvent } from "./events.ts";
import type { Condition, Trouble } from "../model/index.ts";
import type { NodeEvent } from "./ports.ts";

/** What is remembered of it; monotonic milliseconds. */
export interface Troubled {
  readonly reason: string;
  readonly sinceMono: number;
  readonly seenMono: number;
  /** What came last, while it may come back. */
  readonly seen: Trouble;
  /** As it is told; null while it has not lasted long enough. */
  readonly told: string | null;
  readonly toldMono: number;
  /** Its Event was sent. */
  readonly isSent: boolean;
}

/** A Pod that is made, or given to a machine, is in trouble for a moment as often as not. */
const TELL_AFTER_MS = 3000;
/** What recurs counts as lasting for so long. */
const LINGER_MS = 60_000;
/** Other words for the same reason are told this seldom: each is a write. */
const TELL_ANEW_MS = 600_000;

/** Takes in what is seen now. `wasTold` = status tells this already, from an earlier life of ours. */
export function watchTrouble(
  known: Troubled | null,
  seen: Trouble | null,
  { mono, wasTold }: { readonly mono: number; readonly wasTold: boolean },
): Troubled | null {
  if (seen === null) {
    const lingers = known?.seen.recurs === true && known.told !== null && mono - known.seenMono < LINGER_MS;
    return lingers ? known : null;
  }
  const before = known?.reason === seen.reason ? known : { sinceMono: mono, told: null, toldMono: mono, isSent: false };
  const now: Troubled = { ...before, reason: seen.reason, seenMono: mono, seen };
  if (now.told !== null && mono - now.toldMono < TELL_ANEW_MS) return now;
  const isOver = mono - now.sinceMono >= patienceMs(seen);
  return now.told !== null || wasTold || isOver ? { ...now, told: seen.message, toldMono: mono } : now;
}

/** For how long it has to last before it is told. */
export function patienceMs({ ordinaryMs = TELL_AFTER_MS }: Trouble): number {
  return ordinaryMs;
}

/** The Event of a trouble that conditions tell, until it was sent: a repeat after a crash meets the one that is there. */
export function troubleEvents(
  trouble: Troubled | null,
  conditions: readonly Condition[] | undefined,
  of: string,
): readonly NodeEvent[] {
  if (trouble === null || trouble.told === null || trouble.isSent) return [];
  const { told, reason } = trouble;
  const isTold = conditions?.some(({ message }) => message.includes(told)) ?? false;
  return isTold ? [podTroubleEvent({ reason, message: told, of })] : [];
}
