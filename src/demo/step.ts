/** What a step of the demo is, and what several steps ask of a node. */
import { conditionOf, type PlanRecord } from "../model/index.ts";
import type { Fact, FactKind } from "./fact.ts";
import type { Stage } from "./stage.ts";

/** One step of the story: something is done to the cluster, and then it is waited for what must follow. */
export interface Step {
  readonly title: string;
  /** Which facts are told; every other one is kept for the verdict alone. */
  readonly told: ReadonlySet<FactKind>;
  /** Does what operators and clusters do; `tell` is for what leaves no trace in the cluster. */
  act(stage: Stage, tell: (text: string) => void): Promise<void>;
  /** True when everything that must follow has. Asked again and again. */
  isDone(stage: Stage): boolean;
  /** What it came to, in one line; or what contradicts the promise. */
  verdict(facts: readonly Fact[], stage: Stage): Verdict;
}

/** How a step came out. */
export type Verdict = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly text: string };

/** True when the node rests: Running, no plan, its gate known to be open. */
export function isAtRest({ sight }: Stage, name: string): boolean {
  const status = sight.node(name)?.status;
  if (status?.phase !== "Running" || (status.plan ?? null) !== null) return false;
  return conditionOf(status.conditions, "SidecarReady")?.status === "True";
}

/** The plans of a node that have ended, oldest first. */
export function endedPlans({ sight }: Stage, name: string): readonly PlanRecord[] {
  return sight.node(name)?.status.history ?? [];
}

/** Seconds with one decimal below a minute, milliseconds below a second. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Milliseconds from the last fact of one kind to the next of another; null when there is no such pair. */
export function between(facts: readonly Fact[], from: FactKind, to: FactKind): number | null {
  const end = facts.findLast(({ kind }) => kind === to);
  const start = end === undefined ? undefined : facts.findLast(({ kind, at }) => kind === from && at <= end.at);
  return start === undefined || end === undefined ? null : end.at - start.at;
}
