/** What a step of the demo is, and what several steps ask of a node. */
import { conditionOf, type PlanRecord } from "../model/index.ts";
import type { Fact, FactKind } from "./fact.ts";
import type { Setup } from "./setup.ts";

/** One step: something is done to the cluster, and then what must follow is waited for. */
export interface ScriptStep {
  readonly title: string;
  /** Which facts are shown; the others only decide the result. */
  readonly shown: ReadonlySet<FactKind>;
  /** Does what operators and clusters do; `tell` is for what leaves no trace in the cluster. */
  act(setup: Setup, tell: (text: string) => void): Promise<void>;
  /** True when everything that must follow has. Asked again and again. */
  isDone(setup: Setup): boolean;
  /** What it came to, in one line; or what contradicts the promise. */
  result(facts: readonly Fact[], setup: Setup): StepResult;
}

/** How a step came out. */
export type StepResult = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly text: string };

/** True when the node is idle: Running, no plan, its gate known to be open. */
export function isIdle({ view }: Setup, name: string): boolean {
  const status = view.node(name)?.status;
  if (status?.phase !== "Running" || (status.plan ?? null) !== null) return false;
  return conditionOf(status.conditions, "SidecarReady")?.status === "True";
}

/** The plans of a node that have ended, oldest first. */
export function endedPlans({ view }: Setup, name: string): readonly PlanRecord[] {
  return view.node(name)?.status.history ?? [];
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
