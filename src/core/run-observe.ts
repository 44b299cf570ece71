/** One observation of one detector, whatever comes of it. */
import { messageOf, plainLine } from "../base/index.ts";
import type { ObserveInput, RegisteredDetector } from "../model/index.ts";

/** What a detector saw. `failure` is null when it went well. */
export interface Observation {
  readonly value: unknown;
  readonly failure: string | null;
}

/** The same with its times, monotonic milliseconds. */
export interface DatedObservation extends Observation {
  readonly takenAt: number;
  readonly dueAt: number;
}

/** Runs one detector's `observe`; a throw, a rejection or an overrun becomes a failure, never an exception. */
export async function runObserve(
  entry: RegisteredDetector,
  input: ObserveInput,
  overrun: Promise<"overrun">,
): Promise<Observation> {
  const { detector } = entry;
  if (detector.observe === undefined) return { value: null, failure: null };
  try {
    const value = await Promise.race([detector.observe(input), overrun]);
    if (value === "overrun") return { value: null, failure: "observe() did not answer within its deadline" };
    const refusal = entry.guard.observed(value);
    return refusal === null ? { value: value ?? null, failure: null } : { value: null, failure: refusal };
  } catch (error) {
    return { value: null, failure: `observe() threw: ${thrownText(error)}` };
  }
}

/** The text of something thrown, in one line of at most 200 characters. */
export function thrownText(error: unknown): string {
  return plainLine(messageOf(error), 200);
}
