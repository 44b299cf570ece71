/** Takes objects that nobody owns over for a node, where a person said so. */
import { adoptedVolume, type Outcome, type SeiNode, type Standing } from "../../model/index.ts";
import { confirmThen, type Meant, NOTHING_MORE } from "../confirm.ts";
import { again, done, supersede, failureOutcome } from "../outcomes.ts";
import type { ExecutorPorts, ObjectWrites, Reply } from "../ports.ts";

/** Somebody wrote to an object meanwhile, as the controllers do to a set's status. */
const ANEW_MS = 200;

/**
 * Makes what nobody owns the node's own: owner and labels of exactly these objects, as they were read. Whoever owns one
 * by then keeps it. Nothing else of them is touched, so no Pod is replaced for it. Repeats without effect.
 */
export function adoptObjects(node: SeiNode, found: Standing, ports: ExecutorPorts): Promise<Outcome> {
  const wanted = adoptedVolume(node);
  const meant: Meant = (newest) => {
    if (newest.metadata.deletionTimestamp !== undefined) return supersede("the node is being deleted");
    return adoptedVolume(newest) === wanted ? null : supersede("nobody consents to the take-over any more");
  };
  return confirmThen({ node, ports, meant }, NOTHING_MORE, ({ objects }) =>
    takeAll(node, found, { objects, recipes: ports.recipes }),
  );
}

interface Means {
  readonly objects: ObjectWrites;
  readonly recipes: ExecutorPorts["recipes"];
}

async function takeAll(node: SeiNode, found: Standing, { objects, recipes }: Means): Promise<Outcome> {
  const { claim, statefulSet, service, isImported } = found;
  const steps: (readonly [Unowned | null, () => Promise<Reply<unknown>>])[] = [
    [isImported ? null : claim, () => objects.adoptClaim(recipes.claim(node), versionOf(claim))],
    [service, () => objects.adoptService(recipes.service(node), versionOf(service))],
    [statefulSet, () => objects.adoptStatefulSet(recipes.statefulSet(node), versionOf(statefulSet))],
  ];
  for (const [object, take] of steps) {
    if (object === null || object.ownerUid !== null) continue;
    if (object.deleting) return again(ANEW_MS, `${object.name}: it is being deleted`);
    const reply = await take();
    if (reply.kind !== "ok") return failureOutcome(object.name, reply);
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
