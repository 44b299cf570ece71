/** The end of a reconcile: when the next one is wanted, and whether the node is idle until then. */
import { keyOf } from "../model/index.ts";
import type { ReconcileContext } from "./context.ts";
import { gateCondition } from "./gate-condition.ts";
import { type IdleNode, idleNodeOf } from "./idle-node.ts";
import { observeBy, wantNextObservation } from "./observe.ts";
import type { Acted, Ended, Unread } from "./steps.ts";

/** What follows a reconcile. */
export interface Rest {
  /** Milliseconds until the next one; null = only by an event. */
  readonly afterMs: number | null;
  /** All that is kept of a node with nothing to do; null = its memory stays. */
  readonly idle: IdleNode | null;
}

/** Says what follows. */
export function rest(last: Acted | Ended | Unread): Rest {
  if (last.kind === "unread") return { afterMs: last.afterMs, idle: null };
  const { context } = last;
  // Who may not write goes on observing all the same: its metrics are what it is for.
  if (last.kind !== "ended") observeOn(context);
  return { afterMs: context.next.afterMs, idle: last.kind === "quiet" ? idleNodeOf(context) : null };
}

/** A sidecar that does not answer right after a Pod event is asked on; when a gate was just opened, it is observed soon. */
function observeOn(context: ReconcileContext): void {
  const { loop, owned, node, memory } = context;
  if (node.status.phase !== "Running") return;
  wantNextObservation(context);
  const gate = gateCondition(node.status, loop.readiness);
  if (gate === null) return;
  const isUnknown = memory.isUntold || gate.status === "Unknown";
  const address = isUnknown ? loop.sidecars.address(node, owned) : null;
  if (address !== null) loop.startupProbes.begin({ key: keyOf(node.metadata), address, memory });
  const opened = node.status.history?.at(-1);
  const sinceMs = loop.clock.ageMs(opened?.finishedAt);
  // A time still to come is another's clock: it hurries nobody.
  const isJustOpened = opened?.incarnation !== undefined && sinceMs >= 0 && sinceMs < 30_000;
  if (gate.status === "False" && isJustOpened) hurry(context, 500);
}

/** Makes the next observation of the built-ins due soon, and the next reconcile with it. */
function hurry({ loop, memory, next }: ReconcileContext, ms: number): void {
  observeBy(loop.detectors, memory, loop.clock.mono() + ms);
  next.atMost(ms);
}
