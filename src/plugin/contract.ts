/** The laws every detector keeps, ours and anyone's: run them over states of your own in any test runner. */
import type { DetectInput, Detector } from "../model/index.ts";
import { checkConditions, checkDrift } from "./loading/index.ts";

/** One law: `check` returns nothing, or throws an Error that says how the detector breaks it. */
export interface Law {
  readonly name: string;
  readonly check: () => void;
}

/** A state to judge, by name. */
export interface NamedInput<Observed> {
  readonly name: string;
  readonly input: DetectInput<Observed>;
}

/** The laws of one detector over named states. `knownTaskTypes` are the steps an executor has. */
export function detectorLaws<Observed>(
  detector: Detector<Observed>,
  inputs: readonly NamedInput<Observed>[],
  knownTaskTypes: ReadonlySet<string>,
): readonly Law[] {
  const laws: Law[] = [];
  for (const { name, input } of inputs) {
    const frozen = deepFreeze(structuredClone(input));
    laws.push(
      law(`${name}: answers null or a drift that can be stored, and changes nothing it was given`, () => {
        const answer: unknown = detector.detect(frozen);
        const check = answer === null ? null : checkDrift(detector.name, answer, knownTaskTypes);
        return check === null || check.ok ? null : check.why;
      }),
      law(`${name}: gives the same answer twice`, () => {
        const [first, second] = [detector.detect(frozen), detector.detect(frozen)].map((answer) => text(answer));
        return first === second ? null : `detector ${detector.name}: detect() said ${first}, then ${second}`;
      }),
      law(`${name}: says conditions that the API server takes`, () => {
        if (detector.conditions === undefined) return null;
        const check = checkConditions(detector.name, detector.conditions(frozen));
        return check.ok ? null : check.why;
      }),
      law(`${name}: also judges when nothing could be observed`, () => {
        const answer: unknown = detector.detect(deepFreeze({ ...frozen, observed: null }));
        const check = answer === null ? null : checkDrift(detector.name, answer, knownTaskTypes);
        return check === null || check.ok ? null : check.why;
      }),
    );
  }
  return laws;
}

function law(name: string, problem: () => string | null): Law {
  return {
    name,
    check() {
      const found = problem();
      if (found !== null) throw new Error(found);
    },
  };
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}

/** Freezes plain data all the way down, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
