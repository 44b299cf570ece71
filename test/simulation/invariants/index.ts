/** Everything that must hold after every step, whatever happens; what is owed once all is well is in swarm/exams.ts. */
import { bounded, oneAtATime } from "./bounds.ts";
import { noGuess, truthOfImage } from "./evidence.ts";
import type { Invariant } from "./invariant.ts";
import { fenced, ownedOnly } from "./ownership.ts";
import { noReplay } from "./replays.ts";
import { appendOnly, oneIdPerTask, onePlan, storedBefore } from "./plans.ts";
import { steadyConditions, trueEvents } from "./telling.ts";
import { noLostUpdate, noTimeTravel } from "./versions.ts";

export type { Happening, Invariant } from "./invariant.ts";

/** One of each. `lease`: the name of the Lease that lets a process write about a node. */
export function safetyInvariants(lease: (node: string) => string): readonly Invariant[] {
  return [
    onePlan(),
    appendOnly(),
    storedBefore(),
    oneIdPerTask(),
    noGuess(),
    fenced(lease),
    noLostUpdate(),
    noTimeTravel(),
    noReplay(),
    ownedOnly(),
    truthOfImage(),
    steadyConditions(),
    trueEvents(),
    oneAtATime(),
    bounded(),
  ];
}
