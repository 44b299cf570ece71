/**
 * The live read. Our mirrors may lag behind what another process wrote that worked on the node before us. So the node and its
 * objects are read live, once, before our first plan that touches objects. A status patch needs no such read: it is locked on
 * the version it changes. A gate needs none either: its Pod is read right before it is opened. Most nodes are never read. Source: docs/design/0016-taking-nodes-over.md.
 */
import type { SeiNode } from "../model/index.ts";
import type { LoopParts, ReconcileContext } from "./context.ts";
import type { NodeMemory } from "./node-memory.ts";
import type { Facts } from "./ports.ts";

type Tasks = readonly { readonly type: string }[];

/** Whether one of these tasks touches objects. */
export function touchesObjects(facts: Pick<Facts, "task">, tasks: Tasks): boolean {
  return tasks.some(({ type }) => facts.task(type).touchesObjects);
}

/** True when these tasks touch objects that were not read live: then the reconcile is begun anew, by reading. */
export function lacksLiveRead(context: ReconcileContext, tasks: Tasks): boolean {
  return touchesObjects(context.loop.facts, tasks) && wantsLiveRead(context);
}

/** The same where it is known that objects are to be touched. */
export function wantsLiveRead({ memory, node }: ReconcileContext): boolean {
  // Nobody has worked on this node yet, so no mirror can lag behind.
  if (memory.liveRead === "done" || node.status.phase === undefined) return false;
  memory.liveRead = "due";
  return true;
}

/** Whether `lacksLiveRead` has said so in this reconcile. */
export function isLiveReadDue({ memory }: ReconcileContext): boolean {
  return memory.liveRead === "due";
}

/** Whether the reconcile has to begin by reading: it was asked for, or there is a plan that somebody else may have made. */
export function takeLiveReadDue(
  { facts, policy }: LoopParts,
  { node, memory }: { readonly node: SeiNode; readonly memory: NodeMemory },
): boolean {
  const { plan } = node.status;
  const isOthers = memory.liveRead === "none" && plan?.phase === "Active" && touchesObjects(facts, plan.tasks);
  const isDue = (memory.liveRead === "due" || isOthers) && policy.mayAct(node);
  if (memory.liveRead === "due") memory.liveRead = "none";
  return isDue;
}
