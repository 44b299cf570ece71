/** Runs the steps of the demo in order, each under a deadline. */
import { oneLine } from "../base/index.ts";
import type { Fact } from "./fact.ts";
import type { Setup } from "./setup.ts";
import type { ScriptStep } from "./script-step.ts";
import type { Narrator } from "./narrator.ts";

/** A step that is not done by then, in the cluster's time, has failed. The slowest takes about 4 s. */
export const DEADLINE_MS = 20_000;
const LOOK_MS = 20;

/** What the script runs on, and who writes down what happens. */
export interface ScriptRun {
  readonly setup: Setup;
  readonly narrator: Narrator;
  /** Longest a step may take, by the cluster's clock. */
  readonly deadlineMs: number;
}

/** Runs the steps in order. False when one did not come out as promised; the rest is then left out. */
export async function runScript(
  steps: readonly ScriptStep[],
  { setup, narrator, deadlineMs }: ScriptRun,
): Promise<boolean> {
  const startedAt = setup.clock.wall();
  let posts = 0;
  for (const [index, step] of steps.entries()) {
    const facts = await runStep(step, { setup, narrator, deadlineMs, number: index + 1 });
    if (facts === null) return false;
    posts += facts.filter(({ kind }) => kind === "gate").length;
  }
  narrator.total({ steps: steps.length, ms: setup.clock.wall() - startedAt, posts });
  return true;
}

interface StepRun extends ScriptRun {
  readonly number: number;
}

/** Every fact of the step; null when it failed or was broken off. */
async function runStep(
  step: ScriptStep,
  { setup, narrator, deadlineMs, number }: StepRun,
): Promise<readonly Fact[] | null> {
  const { clock, timers, stopping, view } = setup;
  const startedAt = clock.wall();
  const facts: Fact[] = [];
  narrator.title(number, step.title);
  const catchUp = (): void => {
    const fresh = view.take();
    facts.push(...fresh);
    for (const fact of fresh) if (step.shown.has(fact.kind)) narrator.fact(fact, startedAt);
  };
  const acting = step.act(setup, (text) => {
    catchUp();
    narrator.fact({ at: clock.wall(), who: "operator", kind: "created", node: "", text }, startedAt);
  });
  const act = { done: false, refusal: "" };
  void acting.then(
    () => (act.done = true),
    (error: unknown) => (act.refusal = oneLine(error)),
  );
  while (!(act.done && step.isDone(setup))) {
    if (stopping.aborted) return null;
    const sinceMs = clock.wall() - startedAt;
    if (act.refusal !== "" || sinceMs > deadlineMs) {
      catchUp();
      narrator.failure(act.refusal === "" ? "what must follow did not" : act.refusal, sinceMs);
      return null;
    }
    await new Promise<void>((resolve) => void timers.after(LOOK_MS, resolve));
    catchUp();
  }
  // What comes right after the end of a plan, such as its Event, belongs to this step.
  await new Promise<void>((resolve) => void timers.after(LOOK_MS * 2, resolve));
  catchUp();
  const result = step.result(facts, setup);
  const lastAt = facts.at(-1)?.at ?? startedAt;
  if (result.ok) narrator.success(result.text, lastAt - startedAt);
  else narrator.failure(result.text, lastAt - startedAt);
  return result.ok ? facts : null;
}
