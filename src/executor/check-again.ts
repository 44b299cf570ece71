/** The answer of every task that puts back what an earlier step of its plan made. */
import { isAsApplied, type Outcome, type OwnedDigests } from "../model/index.ts";
import { again } from "./outcomes.ts";

/** Somebody may take the same thing away again and again: it is put back no more often than this. */
const AGAIN_MS = 1000;

/** What was put back is checked once more before the plan goes on. */
export async function checkAgain(run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  if (outcome.kind !== "done") return outcome;
  return {
    ...again(AGAIN_MS, "what an earlier step had made was gone or edited, and was made again"),
    ...(outcome.status === undefined ? {} : { status: outcome.status }),
  };
}

/** Whether an object is as we applied it. What another program applied we do not compare. */
export function isKept(
  was: string | undefined,
  object: (OwnedDigests & { readonly deleting: boolean }) | null,
): boolean {
  return object !== null && !object.deleting && (was === undefined || isAsApplied(was, object));
}
