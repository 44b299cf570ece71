/** What is told in conditions and Events. */
import { builtinDetectors } from "../../../src/drift/index.ts";
import { type Condition, CONDITION_REASONS, EVENT_REASONS } from "../../../src/model/index.ts";
import { takenAs } from "../../cluster/harness/taken-as.ts";
import { type Invariant, nodeCommitted, type SeenNode } from "./invariant.ts";

/** What would change a message without a change of what it says: addresses with ports, times. */
const FLEETING = /\d+\.\d+\.\d+\.\d+:\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|:\d{5}\b/;
/** A back-off says when it ends: it is written once for each. */
const NEXT_TRY = /the next try comes at \S+/;
/** The loop's own, and those that detectors declare. */
const REASONS: ReadonlySet<string> = new Set([
  ...Object.keys(CONDITION_REASONS),
  ...builtinDetectors.flatMap(({ reasons = {} }) => Object.keys(reasons)),
]);
/** Set by workflows, not by us. */
const OTHERS: ReadonlySet<string> = new Set(["WorkflowInProgress"]);

/** A condition changes its time with its status alone, is of no later generation, and says what stays so. */
export function steadyConditions(): Invariant {
  return {
    code: "conditions",
    see(happening) {
      const seen = nodeCommitted(happening);
      if (seen === null) return null;
      const { metadata, status } = seen.node;
      for (const condition of status?.conditions ?? []) {
        const before = seen.before?.status?.conditions?.find(({ type }) => type === condition.type) ?? null;
        const why = OTHERS.has(condition.type) ? null : faultOf(condition, before, metadata.generation ?? 1);
        if (why !== null)
          return `${metadata.name}: ${condition.type}=${condition.status} (${condition.reason}): ${why}`;
      }
      return null;
    },
  };
}

function faultOf(condition: Condition, before: Condition | null, generation: number): string | null {
  const { status, reason, message, lastTransitionTime, observedGeneration } = condition;
  const hasMoved = before !== null && before.lastTransitionTime !== lastTransitionTime;
  const hasTurned = before !== null && before.status !== status;
  if (hasMoved !== hasTurned) return `since ${before?.lastTransitionTime}, then ${lastTransitionTime}`;
  if (observedGeneration > generation) return `of generation ${observedGeneration}`;
  if (!REASONS.has(reason)) return "a reason that is in no list";
  return FLEETING.test(message.replace(NEXT_TRY, "")) ? message : null;
}

interface SeenEvent {
  readonly metadata: { readonly name: string };
  readonly regarding: { readonly name: string; readonly uid?: string };
  readonly reason: string;
}

/** An Event is made once, has a reason that is in the list, and its transition was committed before. */
export function trueEvents(): Invariant {
  const turns = new Map<string, number>();
  const told = new Map<string, number>();
  const count = (map: Map<string, number>, key: string): number => {
    map.set(key, (map.get(key) ?? 0) + 1);
    return map.get(key) ?? 0;
  };
  return {
    code: "events",
    see(happening) {
      const seen = nodeCommitted(happening);
      if (seen !== null && lastTurn(seen.node) !== lastTurn(seen.before)) {
        const isLoss = seen.node.status?.readinessTransitions?.at(-1)?.to !== "Ready";
        count(turns, `${seen.node.metadata.name} SidecarReadiness${isLoss ? "Lost" : "Restored"}`);
      }
      if (happening.kind !== "committed" || happening.revision.resource.plural !== "events") return null;
      const { metadata, regarding, reason } = takenAs<SeenEvent>(happening.revision.object);
      if (happening.revision.type !== "ADDED") return `Event ${metadata.name} was ${happening.revision.type}`;
      if (!Object.hasOwn(EVENT_REASONS, reason)) return `Event ${metadata.name}: reason ${reason} is in no list`;
      if (!reason.startsWith("SidecarReadiness")) return null;
      const key = `${regarding.name} ${reason}`;
      const times = count(told, key);
      return times > (turns.get(key) ?? 0)
        ? `${key}: told ${times} times, ${turns.get(key) ?? 0} were committed`
        : null;
    },
  };
}

function lastTurn(node: SeenNode | null): string {
  return node?.status?.readinessTransitions?.at(-1)?.at ?? "";
}
