/** What was observed, as conditions of the node, and the story of its readiness with its Events. */
import {
  type Condition,
  conditionOf,
  type DetectInput,
  type DetectorCondition,
  type ReadinessTransition,
  type RegisteredDetector,
  verdict,
} from "../model/index.ts";
import { nodeAfterDraft, type ReconcileContext } from "./context.ts";
import { detectorFailureEvents, readinessChangeEvent } from "./events.ts";
import { gateCondition } from "./gate-condition.ts";
import { noteOf } from "./plugin-conditions.ts";
import { untoldMs } from "./probe-pace.ts";
import { readinessStory, withReadiness } from "./readiness.ts";
import { thrownText } from "./run-observe.ts";

/** What a detector is given to judge. */
export function inputFor(context: ReconcileContext, name: string): DetectInput<unknown> {
  const { loop, memory, owned } = context;
  return {
    node: loop.clock.steadied(nodeAfterDraft(context)),
    owned,
    observed: memory.observationOf(name)?.value ?? null,
    now: loop.clock.wall(),
  };
}

/** Turns the newest observations into conditions, and into the story of readiness with its Events. */
export function applyConditions(context: ReconcileContext): void {
  const { memory, loop, node } = context;
  memory.isUntold = false;
  for (const entry of loop.detectors) {
    if (entry.mode === "off") continue;
    const { name } = entry.detector;
    const ofObserving = memory.observationOf(name)?.failure ?? null;
    const refusal = ofObserving ?? applyConditionsOf(context, entry);
    // A failed observation was reported when it failed.
    if (ofObserving === null && refusal !== null) loop.report.detectorFailed(node, name, refusal);
    memory.noteFailure("unwell", name, refusal);
  }
  tellFailures(context);
  tellReadiness(context);
}

/** Sets what one detector says; why it cannot be relied on, or null. */
function applyConditionsOf(context: ReconcileContext, { detector, guard, origin }: RegisteredDetector): string | null {
  const { draft } = context;
  try {
    const all: readonly DetectorCondition[] = detector.conditions?.(inputFor(context, detector.name)) ?? [];
    const refusal = guard.conditions(all);
    if (refusal !== null) return refusal;
    for (const said of all) {
      // A condition that says nothing unusual is not worth a node's first write.
      if (!mayWait(context, said)) draft.abnormal(said, said.quiet === true);
      if (origin === "plugin") draft.say(noteOf(detector.name, said.type));
    }
    return null;
  } catch (error) {
    return `conditions() threw: ${thrownText(error)}`;
  }
}

/** While many sidecars come up, one that does not answer yet is no news: its last known state stands a little longer. */
function mayWait(context: ReconcileContext, { type, urgency }: DetectorCondition): boolean {
  const { loop, memory, draft, next } = context;
  if (urgency !== "low" || type !== loop.readiness.condition) return false;
  const known = conditionOf(draft.status.conditions, type);
  const leftMs = untoldMs(memory, loop.clock.mono(), loop.startupProbes.size);
  if (known === null || known.status === "Unknown" || leftMs === 0) return false;
  memory.isUntold = true;
  next.atMost(leftMs);
  return true;
}

/** The condition that names every detector that fails and why, with an Event when the first does. */
export function tellFailures({ loop, memory, draft }: ReconcileContext): void {
  const failures = loop.detectors.flatMap(({ detector: { name }, mode }) => {
    const failure = memory.failureOf(name);
    return mode === "off" || failure === null ? [] : [`${name}: ${failure}`];
  });
  const working = failures.length === 0;
  if (working && !memory.hasJudged) return;
  const known = conditionOf(draft.status.conditions, "DetectorFailed");
  draft.abnormal(
    working
      ? verdict("DetectorFailed", "False", "DetectorsWorking", "")
      : verdict("DetectorFailed", "True", "DetectorFailed", failures.join("; ").slice(0, 1024)),
    working,
  );
  const told = conditionOf(draft.status.conditions, "DetectorFailed");
  if (told !== null && known?.status !== "True") draft.event(...detectorFailureEvents(told));
}

function tellReadiness(context: ReconcileContext): void {
  const { loop, draft, node } = context;
  const condition = gateCondition(draft.status, loop.readiness);
  if (condition === null) return;
  tellUnknown(context, condition);
  const before = draft.status.readinessTransitions ?? readinessStory(node.status, loop.readiness);
  const story = withReadiness(before, condition.status, loop.clock.stamp());
  if (story === before) return;
  draft.set({ readinessTransitions: story, ...healedBy(context, story) });
  draft.event(...readinessChangeEvent(story, loop.readiness));
}

/** A Pod that is replaced has a sidecar again within seconds. */
const UNKNOWN_MS = 30_000;

function tellUnknown({ node, loop }: ReconcileContext, { status, reason, message }: Condition): void {
  if (status !== "Unknown" || !NO_ANSWER.has(reason)) return;
  const known = gateCondition(node.status, loop.readiness);
  if (known?.status !== "Unknown" || !(loop.clock.ageMs(known.lastTransitionTime) >= UNKNOWN_MS)) return;
  loop.report.sidecarUnknown(node, reason, message);
}

const NO_ANSWER: ReadonlySet<string> = new Set(["Unreachable", "ProbeError"]);

/** A gate that was opened and is now seen open heals the plan that opened it, so that its back-off ends. */
function healedBy({ draft }: ReconcileContext, story: readonly ReadinessTransition[]): object {
  const history = draft.status.history ?? [];
  const index = history.findLastIndex((record) => record.incarnation !== undefined);
  const record = history[index];
  if (story.at(-1)?.to !== "Ready" || record === undefined || record.healed) return {};
  return { history: history.with(index, { ...record, healed: true }) };
}
