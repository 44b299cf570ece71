/** The looking half of a pass: every detector that is due looks, at once, and what was seen becomes conditions. */
import {
  type Condition,
  conditionOf,
  type DetectInput,
  type DetectorCondition,
  type ReadinessTransition,
  type RegisteredDetector,
  type SidecarView,
  verdict,
} from "../model/index.ts";
import {
  keepLook,
  type NodeMemory,
  probeDeadlineMs,
  type ShutSeen,
  takeShutSeen,
  untoldMs,
  withFailure,
} from "./node-memory.ts";
import { detectorFailed, readinessChanged } from "./events.ts";
import { noteOf } from "./plugin-conditions.ts";
import { readinessStory, withReadiness } from "./readiness.ts";
import { type Look, look, oneLine } from "./registry.ts";
import { drafted, type LoopOptions, nowOf, restAtMost, soonest, type Turn } from "./turn.ts";
import { jitter, type Random } from "../base/index.ts";

/** Lets every due detector look; `force` = now, whatever the last look's age. */
export async function lookAll(turn: Turn, force: boolean): Promise<void> {
  const due = turn.options.detectors.filter((entry) => isDue(turn, entry, force));
  const shut = takeShutSeen(turn.memory, turn.options.clock.mono());
  if (due.length > 0) await Promise.all(due.map((entry) => lookOnce(turn, entry, shut)));
  applyConditions(turn);
}

/** Wants the next pass no later than the next look. */
export function restUntilNextLook(turn: Turn): void {
  for (const entry of turn.options.detectors) {
    if (entry.mode === "off" || entry.detector.observe === undefined) continue;
    turn.restMs = soonest(turn.restMs, dueInMs(turn, entry));
  }
}

function isDue(turn: Turn, entry: RegisteredDetector, force: boolean): boolean {
  if (entry.mode === "off" || entry.detector.observe === undefined) return false;
  return force || dueInMs(turn, entry) <= 0;
}

function dueInMs(turn: Turn, entry: RegisteredDetector): number {
  const last = turn.memory.looks.get(entry.detector.name);
  return last === undefined ? 0 : last.dueAt - turn.options.clock.mono();
}

/** Whom a detector may ask. What was seen shut just now is not asked again for a built-in; a plugin's question is always put. */
function askable(turn: Turn, entry: RegisteredDetector, shut: ShutSeen | null): SidecarView | null {
  const { options, memory, node, around } = turn;
  const { ports, clock } = options;
  const view = ports.sidecar(node, around, probeDeadlineMs(memory, clock.mono()));
  const at = ports.address(node, around);
  if (view === null || shut === null || entry.onFailure !== "hold") return view;
  if (at?.host !== shut.host || at.port !== shut.port) return view;
  return { health: () => Promise.resolve(shut.health), tasks: (signal) => view.tasks(signal) };
}

async function lookOnce(turn: Turn, entry: RegisteredDetector, shut: ShutSeen | null): Promise<void> {
  const { options, memory } = turn;
  const { clock, timers, random, ports } = options;
  const abort = new AbortController();
  const { promise: overrun, resolve } = Promise.withResolvers<"overrun">();
  const cancel = timers.after(entry.deadlineMs, () => {
    abort.abort();
    resolve("overrun");
  });
  const sidecar = askable(turn, entry, shut);
  const seen = await look(entry, { node: turn.node, around: turn.around, sidecar, signal: abort.signal }, overrun);
  cancel();
  const everyMs = entry.detector.everyMs ?? options.probeIntervalMs;
  const takenAt = clock.mono();
  // The first looks come all at once, as after a start: the second ones are spread over the whole interval.
  const isFirst = !memory.hasJudged && !memory.looks.has(entry.detector.name);
  const dueAt = takenAt + (isFirst ? jitter(everyMs, random.u32(), { from: 0.1, to: 1 }) : jittered(everyMs, random));
  keepLook(memory, entry.detector.name, { ...seen, takenAt, dueAt });
  if (seen.failure !== null) ports.report.detectorFailed(turn.node, entry.detector.name, seen.failure);
}

/** An interval, up to a tenth shorter or longer, so that a fleet never looks in step. */
export function jittered(everyMs: number, random: Random): number {
  return jitter(everyMs, random.u32(), { from: 0.9, to: 1.1 });
}

/**
 * True when what a detector judges by was seen in this pass, or right before it (`takeShutSeen`), or when it looks at
 * nothing. A plan is never made from an older look: it may have stopped being true. When it is older, the next look is
 * made due at once.
 */
export function isSeenNow(turn: Turn, name: string): boolean {
  const seen = turn.memory.looks.get(name);
  if (seen === undefined || seen.takenAt >= turn.startedAt) return true;
  keepLook(turn.memory, name, { ...seen, dueAt: turn.startedAt });
  return false;
}

/** What a detector is given to judge. */
export function inputFor(turn: Turn, name: string): DetectInput<unknown> {
  const seen: Look | undefined = turn.memory.looks.get(name);
  return {
    node: turn.options.clock.steadied(drafted(turn)),
    around: turn.around,
    observed: seen?.value ?? null,
    now: turn.options.clock.wall(),
  };
}

/** Turns the newest looks into conditions, and into the story of readiness with its Events. */
export function applyConditions(turn: Turn): void {
  turn.memory.isUntold = false;
  for (const entry of turn.options.detectors) {
    if (entry.mode === "off") continue;
    const { name } = entry.detector;
    const ofLook = turn.memory.looks.get(name)?.failure ?? null;
    const refusal = ofLook ?? conditionsFrom(turn, entry);
    // A look that failed was told of as it did.
    if (ofLook === null && refusal !== null) turn.options.ports.report.detectorFailed(turn.node, name, refusal);
    turn.memory.unwell = withFailure(turn.memory.unwell, name, refusal);
  }
  tellFailures(turn);
  tellReadiness(turn);
}

/** The condition that names every detector that fails and why, with an Event when the first does. */
export function tellFailures(turn: Turn): void {
  const { unwell, misjudged } = turn.memory;
  const failures = turn.options.detectors.flatMap(({ detector: { name }, mode }) => {
    const failure = unwell.get(name) ?? misjudged.get(name);
    return mode === "off" || failure === undefined ? [] : [`${name}: ${failure}`];
  });
  const working = failures.length === 0;
  if (working && !turn.memory.hasJudged) return;
  const known = conditionOf(turn.draft.status.conditions, "DetectorFailed");
  turn.draft.abnormal(
    working
      ? verdict("DetectorFailed", "False", "DetectorsWorking", "")
      : verdict("DetectorFailed", "True", "DetectorFailed", failures.join("; ").slice(0, 1024)),
    working,
  );
  const told = conditionOf(turn.draft.status.conditions, "DetectorFailed");
  if (told !== null && known?.status !== "True") turn.events.push(...detectorFailed(told));
}

function conditionsFrom(turn: Turn, entry: RegisteredDetector): string | null {
  const { detector, guard, onFailure } = entry;
  try {
    const all: readonly DetectorCondition[] = detector.conditions?.(inputFor(turn, detector.name)) ?? [];
    const refusal = guard.conditions(all);
    if (refusal !== null) return refusal;
    for (const said of all) {
      // A condition that says nothing unusual is not worth a node's first write.
      if (!mayWait(turn, said)) turn.draft.abnormal(said, said.quiet === true);
      if (onFailure !== "hold") turn.said = new Set([...turn.said, noteOf(detector.name, said.type)]);
    }
    return null;
  } catch (error) {
    return `conditions() threw: ${oneLine(error)}`;
  }
}

/** A sidecar on its way up is no news yet while many are: what was last known of it stands a little longer. */
function mayWait(turn: Turn, { type, reason }: DetectorCondition): boolean {
  if (type !== "SidecarReady" || reason !== "Unreachable") return false;
  const known = conditionOf(turn.draft.status.conditions, type);
  const leftMs = untoldMs(turn.memory, turn.options.clock.mono(), turn.waits.size);
  if (known === null || known.status === "Unknown" || leftMs === 0) return false;
  turn.memory.isUntold = true;
  restAtMost(turn, leftMs);
  return true;
}

function tellReadiness(turn: Turn): void {
  const condition = conditionOf(turn.draft.status.conditions, "SidecarReady");
  if (condition === null) return;
  tellUnknown(turn, condition);
  const { readinessTransitions } = turn.draft.status;
  const before = readinessTransitions ?? readinessStory(turn.node);
  const at = nowOf(turn.options.clock);
  const story = withReadiness(before, condition.status, at);
  if (story === before) return;
  turn.draft.set({ readinessTransitions: story, ...healedBy(turn, story) });
  turn.events.push(...readinessChanged(story));
}

/** A Pod that is replaced has a sidecar again within seconds. */
const UNKNOWN_MS = 30_000;

function tellUnknown({ node, options }: Turn, { status, reason, message }: Condition): void {
  if (status !== "Unknown" || !NO_ANSWER.has(reason)) return;
  const known = conditionOf(node.status.conditions, "SidecarReady");
  if (known?.status !== "Unknown" || !(options.clock.ageMs(known.lastTransitionTime) >= UNKNOWN_MS)) return;
  options.ports.report.sidecarUnknown(node, reason, message);
}

const NO_ANSWER: ReadonlySet<string> = new Set(["Unreachable", "ProbeError"]);

/** A gate that was opened and is now seen open heals the plan that opened it, so that its back-off ends. */
function healedBy(turn: Turn, story: readonly ReadinessTransition[]): object {
  const history = turn.draft.status.history ?? [];
  const index = history.findLastIndex((record) => record.incarnation !== undefined);
  const record = history[index];
  if (story.at(-1)?.to !== "Ready" || record === undefined || record.healed) return {};
  return { history: history.with(index, { ...record, healed: true }) };
}

/** Makes the next look of the built-ins due then, if it is not sooner. A plugin looks as often as it asked to. */
export function lookBy({ detectors }: Pick<LoopOptions, "detectors">, memory: NodeMemory, dueAt: number): void {
  for (const { detector, onFailure } of detectors) {
    const seen = onFailure === "hold" ? memory.looks.get(detector.name) : undefined;
    if (seen !== undefined && seen.dueAt > dueAt) keepLook(memory, detector.name, { ...seen, dueAt });
  }
}
