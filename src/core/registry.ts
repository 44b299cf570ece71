/**
 * The ordered list of detectors and the two walks over it: all of them look, at once; then they judge, in order,
 * and the first drift wins. Order is given by the list alone.
 */
import { messageOf, plainLine } from "../base/index.ts";
import type {
  DetectInput,
  DetectorMode,
  Drift,
  ObserveInput,
  RegisteredDetector,
  WaitingDrift,
} from "../model/index.ts";

/** One look of one detector. `failure` is null when it went well. */
export interface Look {
  readonly value: unknown;
  readonly failure: string | null;
}

/** Runs one detector's `observe`; a throw, a rejection or an overrun becomes a failure, never an exception. */
export async function look(entry: RegisteredDetector, input: ObserveInput, overrun: Promise<"overrun">): Promise<Look> {
  const { detector } = entry;
  if (detector.observe === undefined) return { value: null, failure: null };
  try {
    const value = await Promise.race([detector.observe(input), overrun]);
    if (value === "overrun") return { value: null, failure: "observe() did not answer within its deadline" };
    const refusal = entry.guard.observed(value);
    return refusal === null ? { value: value ?? null, failure: null } : { value: null, failure: refusal };
  } catch (error) {
    return { value: null, failure: `observe() threw: ${oneLine(error)}` };
  }
}

/** What one detector said. */
export interface Verdict {
  readonly name: string;
  readonly mode: DetectorMode;
  readonly drift: Drift | null;
  readonly failure: string | null;
  /** Why its drift may not become a plan yet; null when it may, or is only observed. */
  readonly waits: WaitingDrift["why"] | null;
}

/** What the walk asks the loop. */
export interface Bench {
  inputFor(name: string): DetectInput<unknown>;
  failureOf(name: string): string | null;
  /** Why the drift may not become a plan yet; null when it may. */
  waitOf(drift: Drift, name: string): WaitingDrift["why"] | null;
}

/**
 * Asks each detector in order until one sees drift that becomes a plan, or a failing one holds the rest back. A drift
 * that is only observed, or has to wait for whatever reason, silences nobody: those after it are told of it and asked.
 */
export function judge(list: readonly RegisteredDetector[], bench: Bench): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  let waiting: readonly WaitingDrift[] = [];
  for (const entry of list) {
    const { name } = entry.detector;
    if (entry.mode === "off") continue;
    const said = ask(entry, { ...bench.inputFor(name), waiting }, bench.failureOf(name));
    const isMeant = said.drift !== null && entry.mode === "act";
    const why = isMeant ? bench.waitOf(said.drift, name) : null;
    verdicts.push({ ...said, waits: why });
    if (said.failure !== null && entry.onFailure === "hold") break;
    if (isMeant && why === null) break;
    if (why !== null) waiting = [...waiting, { detector: name, why }];
  }
  return verdicts;
}

function ask(
  entry: RegisteredDetector,
  input: DetectInput<unknown>,
  lookFailure: string | null,
): Omit<Verdict, "waits"> {
  const { name } = entry.detector;
  if (lookFailure !== null) return { name, mode: entry.mode, drift: null, failure: lookFailure };
  try {
    const drift = entry.detector.detect(input);
    if (drift === null) return { name, mode: entry.mode, drift: null, failure: null };
    const refusal = entry.guard.drift(drift);
    return { name, mode: entry.mode, drift: refusal === null ? drift : null, failure: refusal };
  } catch (error) {
    return { name, mode: entry.mode, drift: null, failure: `detect() threw: ${oneLine(error)}` };
  }
}

/** The text of something thrown, in one line of at most 200 characters. */
export function oneLine(error: unknown): string {
  return plainLine(messageOf(error), 200);
}
