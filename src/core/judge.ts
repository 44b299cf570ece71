/** The walk over the list of detectors: they judge in its order, and the first drift wins. Order is given by the list alone. */
import type { DetectInput, DetectorMode, Drift, RegisteredDetector, WaitingDrift } from "../model/index.ts";
import { thrownText } from "./run-observe.ts";

/** What one detector said. */
export interface Judgement {
  readonly name: string;
  readonly mode: DetectorMode;
  readonly drift: Drift | null;
  readonly failure: string | null;
  /** Why its drift may not become a plan yet; null when it may, or is only observed. */
  readonly waits: WaitingDrift["why"] | null;
}

/** What the walk asks the loop. */
export interface JudgeQuestions {
  inputFor(name: string): DetectInput<unknown>;
  failureOf(name: string): string | null;
  /** Why the drift may not become a plan yet; null when it may. */
  waitOf(drift: Drift, name: string): WaitingDrift["why"] | null;
}

/**
 * Asks each detector in order until one sees drift that becomes a plan, or a failing one holds the rest back. A drift
 * that is only observed, or has to wait for whatever reason, silences nobody: those after it are told of it and asked.
 */
export function judge(list: readonly RegisteredDetector[], questions: JudgeQuestions): readonly Judgement[] {
  const verdicts: Judgement[] = [];
  let waiting: readonly WaitingDrift[] = [];
  for (const entry of list) {
    const { name } = entry.detector;
    if (entry.mode === "off") continue;
    const said = ask(entry, { ...questions.inputFor(name), waiting }, questions.failureOf(name));
    const isMeant = said.drift !== null && entry.mode === "act";
    const why = isMeant ? questions.waitOf(said.drift, name) : null;
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
  observeFailure: string | null,
): Omit<Judgement, "waits"> {
  const { name } = entry.detector;
  if (observeFailure !== null) return { name, mode: entry.mode, drift: null, failure: observeFailure };
  try {
    const drift = entry.detector.detect(input);
    if (drift === null) return { name, mode: entry.mode, drift: null, failure: null };
    const refusal = entry.guard.drift(drift);
    return { name, mode: entry.mode, drift: refusal === null ? drift : null, failure: refusal };
  } catch (error) {
    return { name, mode: entry.mode, drift: null, failure: `detect() threw: ${thrownText(error)}` };
  }
}
