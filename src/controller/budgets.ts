/**
 * Budgets of the fleet: how many nodes a roll-out over all of them may take down at once.
 *
 * A place is held while a plan of the budget is Active, and after it failed until the node is Ready again, so that a
 * bad image stops after as many nodes as there are places. What holds one stands in status: a restart forgets nothing.
 */
import { isTrue, keyOf, type NodeKey, type SeiNode } from "../model/index.ts";
import type { StoreReader } from "../kube/store/index.ts";
import type { Clock } from "../base/index.ts";

/** A number of nodes, or a share of the fleet in percent, rounded down; at least one node either way. */
export interface MaxUnavailable {
  readonly value: number;
  readonly isPercent: boolean;
}

/** What budgets are made of. */
export interface BudgetOptions {
  readonly nodes: StoreReader<SeiNode>;
  readonly clock: Pick<Clock, "mono">;
  readonly maxUnavailable: MaxUnavailable;
  /**
   * Parts of the fleet that others may be giving out places in at this very moment: each has its share of them, at
   * least one, so that nobody has to ask. One part unless given.
   */
  readonly parts?: { readonly count: number; readonly of: (key: NodeKey) => number };
}

/** Gives out places; `admit` is true for who has one, or gets one now. */
export interface Budgets {
  admit(node: SeiNode, budget: string): boolean;
}

/** A place that was given out and whose plan does not show up in the store by then is free again. */
const UNUSED_MS = 10_000;

/** Builds the budgets; they follow the store from now on. */
export function createBudgets({ nodes, clock, maxUnavailable, parts }: BudgetOptions): Budgets {
  const { count = 1, of: partOf = () => 0 } = parts ?? {};
  const held = new Map<NodeKey, string>();
  const promised = new Map<NodeKey, { readonly budget: string; readonly until: number }>();
  const sizes = new Map<number, number>();
  const resize = (key: NodeKey, by: number): void => {
    sizes.set(partOf(key), (sizes.get(partOf(key)) ?? 0) + by);
  };
  const note = (node: SeiNode): void => {
    const key = keyOf(node.metadata);
    const budget = budgetOf(node);
    if (budget === null) held.delete(key);
    else held.set(key, budget);
    // The plan is stored, or will not be: from here on the store tells.
    if (node.status.plan?.phase === "Active") promised.delete(key);
  };
  for (const node of nodes.values()) {
    note(node);
    resize(keyOf(node.metadata), 1);
  }
  nodes.subscribe(({ type, key, object }) => {
    if (type === "added") resize(key, 1);
    if (type !== "deleted") return note(object);
    resize(key, -1);
    held.delete(key);
    promised.delete(key);
  });
  const taken = (budget: string, part: number): number => {
    const now = clock.mono();
    let sum = 0;
    for (const [key, of] of held) if (of === budget && partOf(key) === part) sum += 1;
    for (const [key, promise] of promised) {
      if (promise.until <= now) promised.delete(key);
      else if (promise.budget === budget && partOf(key) === part && !held.has(key)) sum += 1;
    }
    return sum;
  };
  return {
    admit(node, budget) {
      const key = keyOf(node.metadata);
      if (held.get(key) === budget) return true;
      const isPromised = promised.get(key)?.budget === budget;
      const part = partOf(key);
      const places = placesIn(sizes.get(part) ?? 0, maxUnavailable, count);
      if (!isPromised && taken(budget, part) >= places) return false;
      promised.set(key, { budget, until: clock.mono() + UNUSED_MS });
      return true;
    },
  };
}

/** How many places there are in a part of that size, one of `parts`. */
export function placesIn(nodes: number, { value, isPercent }: MaxUnavailable, parts = 1): number {
  return Math.max(1, Math.floor(isPercent ? (nodes * value) / 100 : value / parts));
}

/** The budget a node holds a place in: that of its Active plan, or of the newest of its plans of a budget, if it failed. */
function budgetOf({ status: { plan, history = [], conditions } }: SeiNode): string | null {
  if (plan?.phase === "Active" && plan.budget !== undefined) return plan.budget;
  if (isTrue(conditions, "Ready")) return null;
  const last = history.findLast((record) => record.budget !== undefined && record.outcome !== "Superseded");
  return last?.outcome === "Failed" ? (last.budget ?? null) : null;
}
