/**
 * The observing half of a reconcile: every detector that is due observes, all at once, and what was seen becomes
 * conditions. Observing is never switched off: also the paused, the held and those with a plan under way are observed.
 */
import { jitter, type Random } from "../base/index.ts";
import type { RegisteredDetector, SidecarView } from "../model/index.ts";
import { type ReconcileContext, withOwnedNow } from "./context.ts";
import { lifeOf } from "./life.ts";
import type { ShutSeen, Trigger } from "./node-memory.ts";
import { applyConditions } from "./observed-conditions.ts";
import { backOff } from "./persist.ts";
import { probeDeadlineMs } from "./probe-pace.ts";
import { runObserve } from "./run-observe.ts";
import type { Begun, Ended, Observed } from "./steps.ts";

/** Observes the node: its claim where no mirror shows it, its gate, and what a lost phase does not say. */
export async function observe({ context: begun, triggers }: Begun): Promise<Observed | Ended> {
  const context = isClaimMissed(begun) ? await withMissedClaim(begun) : begun;
  // While it is brought up, the plan of init owns the sidecar.
  if (context.node.status.phase === "Running") await observeDue(context, isUrgent(triggers));
  const life = await lifeOf(context);
  if (life.kind === "unread") return { kind: "ended", context: backOff(context, life.why) };
  return { kind: "observed", context, life };
}

function isUrgent(triggers: ReadonlySet<Trigger>): boolean {
  return triggers.has("pod") || triggers.has("start");
}

/** A loss that lasts is checked only this often: giving the label back enqueues the node. */
const SEEK_AGAIN_MS = 60_000;

/** The claim that init completed on is not in the mirror. */
function isClaimMissed({ node, owned }: ReconcileContext): boolean {
  return node.status.phase === "Running" && node.status.dataVolume !== undefined && owned.claim === null;
}

/**
 * A claim may exist though no mirror shows it: claims are watched by label, and somebody may have taken the label away.
 * It is read live before its loss is told, since a lost label is mended otherwise than a lost claim.
 */
async function withMissedClaim(context: ReconcileContext): Promise<ReconcileContext> {
  const { node, memory, loop } = context;
  const { claimSought } = memory;
  const mono = loop.clock.mono();
  if (claimSought !== null && mono - claimSought.at < SEEK_AGAIN_MS) {
    return { ...context, missedClaim: claimSought.claim };
  }
  const claim = await loop.reader.claim(node, node.status.dataVolume?.claimName ?? "");
  // If it bears the label after all, the read has put it into the mirror.
  const now = withOwnedNow(context);
  if (claim === undefined) return now;
  memory.claimSought = { at: mono, claim };
  return { ...now, missedClaim: claim };
}

/** Lets every due detector observe; `force` = all of them, however new their last observation is. */
export async function observeDue(context: ReconcileContext, force: boolean): Promise<void> {
  const due = context.loop.detectors.filter((entry) => isDue(context, entry, force));
  const shut = context.memory.takeShutSeen(context.loop.clock.mono());
  if (due.length > 0) await Promise.all(due.map((entry) => observeOnce(context, entry, shut)));
  applyConditions(context);
}

/** Wants the next reconcile no later than the next observation. */
export function wantNextObservation(context: ReconcileContext): void {
  for (const entry of context.loop.detectors) {
    if (entry.mode === "off" || entry.detector.observe === undefined) continue;
    context.next.observeBy(dueInMs(context, entry));
  }
}

/** Makes the next observation of the built-ins due then, if it is not sooner. A plugin observes as often as it asked to. */
export function observeBy(
  detectors: readonly RegisteredDetector[],
  memory: ReconcileContext["memory"],
  dueAt: number,
): void {
  for (const { detector, origin } of detectors) if (origin === "builtin") memory.observeBy(detector.name, dueAt);
}

function isDue(context: ReconcileContext, entry: RegisteredDetector, force: boolean): boolean {
  if (entry.mode === "off" || entry.detector.observe === undefined) return false;
  return force || dueInMs(context, entry) <= 0;
}

function dueInMs({ memory, loop }: ReconcileContext, { detector }: RegisteredDetector): number {
  const last = memory.observationOf(detector.name);
  return last === undefined ? 0 : last.dueAt - loop.clock.mono();
}

/** Whom a detector may ask. What was seen shut just now is not asked again for a built-in; a plugin's question is always put. */
function askable(context: ReconcileContext, entry: RegisteredDetector, shut: ShutSeen | null): SidecarView | null {
  const { loop, memory, node, owned } = context;
  const view = loop.sidecars.view(node, owned, probeDeadlineMs(memory, loop.clock.mono()));
  if (view === null || shut === null || entry.origin !== "builtin") return view;
  const at = loop.sidecars.address(node, owned);
  if (at?.host !== shut.host || at.port !== shut.port) return view;
  return { health: () => Promise.resolve(shut.health), tasks: (signal) => view.tasks(signal) };
}

async function observeOnce(context: ReconcileContext, entry: RegisteredDetector, shut: ShutSeen | null): Promise<void> {
  const { loop, memory, node, owned } = context;
  const { clock, timers, random } = loop;
  const { name } = entry.detector;
  const abort = new AbortController();
  const { promise: overrun, resolve } = Promise.withResolvers<"overrun">();
  const cancel = timers.after(entry.deadlineMs, () => {
    abort.abort();
    resolve("overrun");
  });
  const sidecar = askable(context, entry, shut);
  const seen = await runObserve(entry, { node, owned, sidecar, signal: abort.signal }, overrun);
  cancel();
  const everyMs = entry.detector.everyMs ?? loop.probeIntervalMs;
  const takenAt = clock.mono();
  // After a start all first observations come at once. The second ones are spread over the whole interval.
  const isFirst = !memory.hasJudged && memory.observationOf(name) === undefined;
  const dueAt =
    takenAt + (isFirst ? jitter(everyMs, random.u32(), { from: 0.1, to: 1 }) : jitterInterval(everyMs, random));
  memory.keepObservation(name, { ...seen, takenAt, dueAt });
  if (seen.failure !== null) loop.report.detectorFailed(node, name, seen.failure);
}

/** An interval, up to a tenth shorter or longer, so that a fleet never observes in step. */
export function jitterInterval(everyMs: number, random: Random): number {
  return jitter(everyMs, random.u32(), { from: 0.9, to: 1.1 });
}

/**
 * True when what a detector judges by was seen in this reconcile, or right before it (`takeShutSeen`), or when it observes
 * nothing. A plan is never made from an older observation: it may have stopped being true. When it is older, the next
 * one is made due at once.
 */
export function isSeenNow({ memory, startedAt }: ReconcileContext, name: string): boolean {
  const seen = memory.observationOf(name);
  if (seen === undefined || seen.takenAt >= startedAt) return true;
  memory.keepObservation(name, { ...seen, dueAt: startedAt });
  return false;
}
