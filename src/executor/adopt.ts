import type { SeiNode } from "../core/node.ts";
import type { Outcome } from "../core/plan.ts";
import type { Standing } from "../core/ports.ts";
import { again, done, notHeld, unanswered } from "./outcomes.ts";
import type { ExecutorPorts, Reply } from "./ports.ts";

/** Somebody wrote to an object meanwhile, as the controllers do to a set's status. */
const ANEW_MS = 200;

/**
 * Makes what nobody owns the node's own: owner and labels of exactly these objects, as they were read. Whoever owns one
 * by then keeps it. Nothing else of them is touched, so no Pod is replaced for it. Repeats without effect.
 */
export async function adopt(node: SeiNode, found: Standing, ports: ExecutorPorts): Promise<Outcome> {
  const { objects, recipes } = ports;
  const { claim, statefulSet, service, isImported } = found;
  const steps: (readonly [Unowned | null, () => Promise<Reply<unknown>>])[] = [
    [isImported ? null : claim, () => objects.adoptClaim(recipes.claim(node), versionOf(claim))],
    [service, () => objects.adoptService(recipes.service(node), versionOf(service))],
    [statefulSet, () => objects.adoptStatefulSet(recipes.statefulSet(node), versionOf(statefulSet))],
  ];
  for (const [object, take] of steps) {
    if (object === null || object.ownerUid !== null) continue;
    if (object.deleting) return again(ANEW_MS, `${object.name}: it is being deleted`);
    if (!ports.mayAct(node)) return notHeld;
    const reply = await take();
    if (reply.kind !== "ok") return unanswered(object.name, reply);
  }
  return done;
}

interface Unowned {
  readonly name: string;
  readonly ownerUid: string | null;
  readonly deleting: boolean;
}

function versionOf(object: { readonly uid: string; readonly resourceVersion: string } | null) {
  return { uid: object?.uid ?? "", resourceVersion: object?.resourceVersion ?? "" };
}
