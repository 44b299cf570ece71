/** One plan at a time, which never changes, is stored before it is carried out, and names its tasks. */
import type { StoredPlan } from "../../../src/model/index.ts";
import { type Invariant, nodeCommitted, type SeenNode, taskOf } from "./invariant.ts";

const TASK_NAMESPACE = "b7e89c3a-4f12-4d8b-9a6e-1c2d3e4f5a6b";
const RANK = { Pending: 0, Running: 1, Complete: 2, Failed: 2 } as const;

/** No plan takes the place of another, none comes back, and none is told twice in the outcomes. */
export function onePlan(): Invariant {
  const ended = new Set<string>();
  return {
    code: "plans",
    see(happening) {
      const seen = nodeCommitted(happening);
      if (seen === null) return null;
      const { name } = seen.node.metadata;
      const plan = seen.node.status?.plan ?? null;
      const before = planBefore(seen);
      if (before !== null && (before.id !== plan?.id || before.phase !== "Active")) ended.add(before.id);
      if (plan?.phase === "Active" && ended.has(plan.id)) return `${name}: plan ${plan.id} came back`;
      if (before?.phase === "Active" && plan !== null && before.id !== plan.id)
        return `${name}: plan ${plan.id} (${plan.reason}) took the place of ${before.id} (${before.reason})`;
      return toldTwice(seen.node);
    },
  };
}

/** Of the same node; another of its name has nothing to do with it. */
function planBefore({ node, before }: NonNullable<ReturnType<typeof nodeCommitted>>): StoredPlan | null {
  return before?.metadata.uid === node.metadata.uid ? (before.status?.plan ?? null) : null;
}

function toldTwice({ metadata, status }: SeenNode): string | null {
  const ids = (status?.outcomes ?? []).map((line) => / id=(\S+)/.exec(line)?.[1] ?? "none");
  const isTwice = new Set(ids).size < ids.length;
  return isTwice ? `${metadata.name}: a plan is in the outcomes twice: ${ids.join(" ")}` : null;
}

/** The tasks of a plan never change, and none goes back but for a try that is counted. */
export function appendOnly(): Invariant {
  return {
    code: "steps",
    see(happening) {
      const seen = nodeCommitted(happening);
      const plan = seen?.node.status?.plan ?? null;
      const before = seen?.before?.status?.plan ?? null;
      if (plan === null || before?.id !== plan.id) return null;
      if (fixedOf(before) !== fixedOf(plan)) return `the tasks of ${plan.id} changed`;
      const index = plan.tasks.findIndex((task, at) => {
        const old = before.tasks[at];
        if (old === undefined || RANK[task.status] >= RANK[old.status]) return false;
        const isRetry = (task.retryCount ?? 0) > (old.retryCount ?? 0);
        return !isRetry || (task.retryCount ?? 0) > (task.maxRetries ?? 0);
      });
      if (index < 0) return null;
      return `task ${index} of ${plan.id} went from ${before.tasks[index]?.status} to ${plan.tasks[index]?.status}`;
    },
  };
}

function fixedOf({ tasks }: StoredPlan): string {
  return JSON.stringify(tasks.map(({ id, type, params }) => [id, type, params]));
}

/** Whatever is handed to a sidecar was committed before, in an Active plan. */
export function storedBefore(): Invariant {
  const stored = new Set<string>();
  return {
    code: "stored",
    see(happening) {
      const plan = nodeCommitted(happening)?.node.status?.plan;
      for (const { id } of plan?.phase === "Active" ? plan.tasks : []) stored.add(id);
      const task = happening.kind === "sent" ? taskOf(happening.sent) : null;
      if (task === null || stored.has(task.id)) return null;
      return `${task.type} ${task.id} was handed over, and no Active plan of it was committed before`;
    },
  };
}

/** An id follows from plan, type and place, and what is handed over under it is always the same. */
export function oneIdPerTask(): Invariant {
  const bodies = new Map<string, string>();
  return {
    code: "ids",
    see(happening) {
      const plan = nodeCommitted(happening)?.node.status?.plan;
      for (const [index, { id, type }] of plan?.tasks.entries() ?? []) {
        const want = Bun.randomUUIDv5(`${plan?.id}/${type}/${index}`, TASK_NAMESPACE);
        if (id !== want) return `task ${index} of ${plan?.id} has id ${id}, want ${want}`;
      }
      const task = happening.kind === "sent" ? taskOf(happening.sent) : null;
      if (task === null) return null;
      const before = bodies.get(task.id) ?? task.body;
      bodies.set(task.id, before);
      return before === task.body ? null : `two bodies under ${task.id}: ${before} and ${task.body}`;
    },
  };
}
