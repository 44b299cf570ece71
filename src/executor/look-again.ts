/** What all that puts back the work of an earlier step says alike. */
import { isAsApplied, type Outcome, type OwnedDigests } from "../model/index.ts";
import { again } from "./outcomes.ts";

/** Whoever takes the same thing away again and again is not fought faster than this. */
const AGAIN_MS = 1000;

/** What was made again is looked at once more before the plan goes on. */
export async function lookAgain(run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  if (outcome.kind !== "done") return outcome;
  return {
    ...again(AGAIN_MS, "what an earlier step had made was gone or edited, and was made again"),
    ...(outcome.status === undefined ? {} : { status: outcome.status }),
  };
}

/** Whether an object stands as we applied it. What another program applied is not ours to compare. */
export function isKept(
  was: string | undefined,
  object: (OwnedDigests & { readonly deleting: boolean }) | null,
): boolean {
  return object !== null && !object.deleting && (was === undefined || isAsApplied(was, object));
}
