/**
 * The one way to an effect. First, all that it rests on is read live, at once. Then, with nothing awaited in between, two
 * checks: does the newest stored node still mean it, and is the Lease still ours? Then it is done. Each request of an effect
 * makes both checks again right before it is sent, since it may have waited for a connection.
 *
 * A mirror is never enough: its watch may be half-open. What cannot be proven is not done. Source:
 * docs/design/0020-right-before-an-effect.md.
 */
import { workflowHold } from "../model/gate/index.ts";
import { lapsedField, type Outcome, type SeiNode, type TaskContext } from "../model/index.ts";
import { again, notHeld, supersede } from "./outcomes.ts";
import type { Effects, ExecutorPorts } from "./ports.ts";

/** Null while an effect is still meant, by the newest stored node; else what becomes of the step. */
export type Meant = (newest: SeiNode) => Outcome | null;

/** What an effect is for, and when it is meant no more. */
export interface Aim {
  readonly node: SeiNode;
  readonly ports: ExecutorPorts;
  readonly meant: Meant;
}

/** One live read that proves a part of the ground; null where it holds. */
export type Proof = () => Promise<Outcome | null>;

/** What an effect rests on: read at once, so that no part is older than the whole took. */
export interface Ground {
  readonly together: readonly Proof[];
  /** What no API server is asked for, and so no watch tells: read with the others, and alone once more where they were slow. */
  readonly fleeting?: Proof;
}

/** Reads that took too long are all made again, this often at most: a slow API server must not make what was read old. */
const FRESH_MS = 20;
const ROUNDS = 2;

/** For what rests on the node alone. */
export const NOTHING_MORE: Ground = { together: [] };

/** Something changed: the task begins anew soon, in a reconcile that sees it in the store. */
const LOOK_ANEW_MS = 50;
/** How often the held gate of an init plan is checked again. */
const HELD_AGAIN_MS = 10_000;
const UNREAD_AGAIN_MS = 2000;

/** The effect's own outcome, or why it was not begun or was broken off. */
export async function confirmThen(
  aim: Aim,
  ground: Ground,
  effect: (effects: Effects) => Promise<Outcome>,
): Promise<Outcome> {
  const { ports } = aim;
  const unsound = await firstDoubt(aim, ground);
  if (unsound !== null) return unsound;
  const asked: { refusal: Outcome | null } = { refusal: null };
  const permit = (): string | null => {
    asked.refusal = refusalOf(aim);
    return asked.refusal === null ? null : "why" in asked.refusal ? asked.refusal.why : "it is not meant any more";
  };
  if (permit() !== null && asked.refusal !== null) return asked.refusal;
  const outcome = await effect(ports.effects(permit));
  return asked.refusal ?? outcome;
}

/** Reads all of the ground; what speaks against the effect, null when nothing does. */
async function firstDoubt(aim: Aim, { together, fleeting }: Ground): Promise<Outcome | null> {
  const { ports } = aim;
  const all = fleeting === undefined ? together : [...together, fleeting];
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = ports.mono();
    const reads = await Promise.all([nodeProof(aim), ...all.map((read) => read())]);
    const doubt = reads.find((found) => found !== null);
    if (doubt !== undefined) return doubt;
    if (ports.mono() - from <= FRESH_MS) return null;
  }
  return (await fleeting?.()) ?? null;
}

/** Synchronous: this is asked with nothing in between. */
function refusalOf({ node, ports, meant }: Aim): Outcome | null {
  const newest = ports.newest(node);
  if (newest === null) return again(LOOK_ANEW_MS, "the node is gone");
  if (!ports.mayAct(newest)) return notHeld;
  return meant(newest);
}

async function nodeProof({ node, ports }: Aim): Promise<Outcome | null> {
  return (await ports.refresh(node)) ? null : again(UNREAD_AGAIN_MS, "the node could not be read");
}

/** The aim of a task of a plan: the plan is the stored one, and nobody has said anything against it. */
export function aimOf(context: TaskContext, ports: ExecutorPorts): Aim {
  const { node, plan } = context;
  const meant: Meant = (newest) => {
    if (newest.metadata.deletionTimestamp !== undefined) return supersede("the node is being deleted");
    if (ports.isPaused(newest)) return again(LOOK_ANEW_MS, "spec.paused was set");
    const held = workflowHold(newest);
    if (held !== null) return holdUp(context, `the gate is held: ${held}`);
    const { plan: stored } = newest.status;
    if (stored?.id !== plan.id || stored.phase !== "Active") {
      return again(LOOK_ANEW_MS, "the plan is not the stored one any more");
    }
    const lapsed = lapsedField(plan, newest);
    return lapsed === null ? null : again(LOOK_ANEW_MS, `${lapsed} changed`);
  };
  return { node, ports, meant };
}

/** The outcome where somebody holds a plan up: a plan of init waits, since it cannot be made again; any other ends. */
export function holdUp({ plan }: TaskContext, why: string): Outcome {
  return plan.failedPhase === undefined ? supersede(why) : again(HELD_AGAIN_MS, why);
}
