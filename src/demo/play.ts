/** Runs the steps of the demo in order, each under a deadline. */
import { oneLine } from "../base/index.ts";
import type { Fact } from "./fact.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./step.ts";
import type { Teller } from "./teller.ts";

/** A step that is not done by then, in the cluster's time, has failed. The slowest takes about 4 s. */
export const DEADLINE_MS = 20_000;
const LOOK_MS = 20;

/** Where the story plays and who tells it. */
export interface Theatre {
  readonly stage: Stage;
  readonly teller: Teller;
  /** Longest a step may take, by the cluster's clock. */
  readonly deadlineMs: number;
}

/** Plays the steps in order. False when one did not come out as promised; the rest is then left out. */
export async function play(steps: readonly Step[], { stage, teller, deadlineMs }: Theatre): Promise<boolean> {
  const startedAt = stage.clock.wall();
  let posts = 0;
  for (const [index, step] of steps.entries()) {
    const facts = await playStep(step, { stage, teller, deadlineMs, number: index + 1 });
    if (facts === null) return false;
    posts += facts.filter(({ kind }) => kind === "gate").length;
  }
  teller.total({ steps: steps.length, ms: stage.clock.wall() - startedAt, posts });
  return true;
}

interface Scene extends Theatre {
  readonly number: number;
}

/** Every fact of the step; null when it failed or was broken off. */
async function playStep(step: Step, { stage, teller, deadlineMs, number }: Scene): Promise<readonly Fact[] | null> {
  const { clock, timers, stopping, sight } = stage;
  const startedAt = clock.wall();
  const facts: Fact[] = [];
  teller.title(number, step.title);
  const catchUp = (): void => {
    const fresh = sight.take();
    facts.push(...fresh);
    for (const fact of fresh) if (step.told.has(fact.kind)) teller.fact(fact, startedAt);
  };
  const acting = step.act(stage, (text) => {
    catchUp();
    teller.fact({ at: clock.wall(), who: "operator", kind: "created", node: "", text }, startedAt);
  });
  const act = { done: false, refusal: "" };
  void acting.then(
    () => (act.done = true),
    (error: unknown) => (act.refusal = oneLine(error)),
  );
  while (!(act.done && step.isDone(stage))) {
    if (stopping.aborted) return null;
    const sinceMs = clock.wall() - startedAt;
    if (act.refusal !== "" || sinceMs > deadlineMs) {
      catchUp();
      teller.failure(act.refusal === "" ? "what must follow did not" : act.refusal, sinceMs);
      return null;
    }
    await new Promise<void>((resolve) => void timers.after(LOOK_MS, resolve));
    catchUp();
  }
  // What follows the end of a plan by a breath, such as its Event, belongs to this step.
  await new Promise<void>((resolve) => void timers.after(LOOK_MS * 2, resolve));
  catchUp();
  const verdict = step.verdict(facts, stage);
  const lastAt = facts.at(-1)?.at ?? startedAt;
  if (verdict.ok) teller.success(verdict.text, lastAt - startedAt);
  else teller.failure(verdict.text, lastAt - startedAt);
  return verdict.ok ? facts : null;
}
