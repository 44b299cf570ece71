/**
 * Bugs that are put back, to see that the simulation finds them: each is a snippet of a source file and what stood, or
 * could stand, in its place. A snippet that is not there exactly once fails the test, so that the list cannot rot.
 */
import type { Change, Work } from "./awaits.ts";
import { bugsOfEffects } from "./planted-effects.ts";
import { bugsOfTheCatalogue } from "./planted-catalogue.ts";
import { bugsOfJudgements } from "./planted-judgements.ts";

/** One change of one file. `file`: from the root of the checkout. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Where a bug is found, by what was not made for it. */
export type Found =
  /** By a seed of trial.ts or of day.ts: the first from 1 on that breaks the law with the bug and not without. */
  | { readonly by: "trial" | "day"; readonly seed: number }
  /** At some await of awaits.ts. */
  | { readonly by: "awaits"; readonly work: Work; readonly change: Change }
  /** While the watch of this kind is silent, see silences.ts. */
  | { readonly by: "silences"; readonly kind: string }
  /** By a seed of the swarm, the first from 1 on that breaks what its code begins with; see swarm/. */
  | { readonly by: "swarm"; readonly seed: number };

/** One bug. */
export interface PlantedBug {
  readonly title: string;
  readonly edits: readonly Edit[];
  readonly found: Found;
  /** Code of the breach. */
  readonly code: string;
}

/** All of them. */
export const plantedBugs: readonly PlantedBug[] = [...bugsOfEffects, ...bugsOfJudgements, ...bugsOfTheCatalogue];
