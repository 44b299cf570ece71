/** The kinds of faults that a seed may switch on, each by its name: what every day of the simulation has to know. */
import { type DeedContext, deeds, GRAVE } from "../deeds.ts";
import type { Dice } from "../dice.ts";
import type { Fleet } from "./fleet.ts";
import { processFaults, weatherFaults } from "./world-faults.ts";
import { peopleFaults } from "./people-faults.ts";

/** What a fault is made with: all that a deed has, and the fleet. */
export interface FaultContext extends DeedContext {
  readonly tell: (done: unknown) => void;
  readonly fleet: Fleet;
}

/** One kind. */
export interface FaultKind {
  readonly name: string;
  /** From one to the next, on average; null = once, at the start. */
  readonly everyMs: number | null;
  readonly run: (context: FaultContext) => unknown;
  /** It may be made in the middle of a request. */
  readonly mayBeAmid?: boolean;
  /** Of a node that is brought up it would be a person's mistake that only a person mends. */
  readonly isForRunning?: boolean;
}

/** Deeds that would leave a node whose init was not over yet to a person. */
const FOR_RUNNING: ReadonlySet<string> = new Set([
  "refused image",
  "refused Pod",
  "home elsewhere",
  "mirror",
  "wipe",
  "orphan",
]);
const EVERY_MS = 60_000;

/** The mild ones are the work of the fleet itself. */
const ofDeeds: readonly FaultKind[] = deeds
  .filter(({ title }) => !["pod", "kill", "sidecar", "image", "import"].includes(title))
  .map((deed): FaultKind => {
    return {
      name: deed.title,
      everyMs: EVERY_MS,
      run: (context) => deed.run(context),
      mayBeAmid: GRAVE.has(deed.title),
      isForRunning: FOR_RUNNING.has(deed.title),
    };
  });

/** All of them. */
export const faultKinds: readonly FaultKind[] = [...ofDeeds, ...weatherFaults, ...processFaults, ...peopleFaults];

/** In the middle of requests, where a kind may be. */
export const AMID = "amid";

/** All names, with those that say how and not what. */
export const faultNames: readonly string[] = [AMID, ...faultKinds.map(({ name }) => name)];

/** A random subset: each kind is in with a share that is the seed's own. */
export function drawFaults(chance: Dice): readonly string[] {
  const share = chance.pick([0.1, 0.25, 0.5]);
  const drawn = faultNames.filter(() => chance.chance(share));
  return drawn.length > 0 ? drawn : [chance.pick(faultNames)];
}
