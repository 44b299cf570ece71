/**
 * One pass for one node: wake, observe, decide, persist, act, rest. Source: docs/design/0001-the-loop.md.
 *
 * The caller (a keyed queue) sees to it that a key never has two passes at once.
 */
import { backOffMs } from "../base/index.ts";
import { act } from "./acting.ts";
import { decide, isCarriedOn } from "./deciding.ts";
import { deleteNode } from "./deleting.ts";
import { ensureFinalizer } from "./finalizer.ts";
import { freshNode } from "./fresh-node.ts";
import { awake, glance, isRest, type Rest, restOf } from "./glance.ts";
import { lifeOf } from "./life.ts";
import { seekClaim } from "./missed-claim.ts";
import { lookAll, lookBy, restUntilNextLook } from "./looking.ts";
import {
  conditionOf,
  keyOf,
  namespaceOf,
  type NodeKey,
  type Obstacle,
  type SeiNode,
  StatusDraft,
} from "../model/index.ts";
import { type Cause, newMemory, type NodeMemory, takeCauses } from "./node-memory.ts";
import { noteTrouble } from "./note-trouble.ts";
import { isProofWanted } from "./proof.ts";
import { createSidecarWaits, type SidecarWaits } from "./sidecar-waits.ts";
import { createSteadyClock } from "./steady-clock.ts";
import { scale } from "./pausing.ts";
import { aheadOf, crdObstacle, tellSpec, tellSummary } from "./summary.ts";
import {
  catchUp,
  commit,
  isOutcomeKept,
  type LoopOptions,
  NOTHING_SAID,
  nowOf,
  type PassOptions,
  restAtMost,
  retry,
  type Turn,
} from "./turn.ts";
import { summarise } from "./verdicts.ts";

/** The loop: told what changed, asked to pass. */
export interface Loop {
  /** Notes why a node wants a pass; the caller puts the key on its queue. */
  wake(key: NodeKey, cause: Cause): void;
  /**
   * Asks the sidecar of a node at rest, which is all that its next look would do. Resolves with the milliseconds until
   * the next one, or with null when the node is to pass: it is not at rest, or no longer.
   */
  glance(key: NodeKey, signal: AbortSignal): Promise<number | null>;
  /** Runs one pass. Resolves with the milliseconds until the next one is wanted; null = only by event. Never rejects on expected failure. */
  pass(key: NodeKey, signal: AbortSignal): Promise<number | null>;
  /** Forgets the nodes that are meant, all of them unless said otherwise: another may have worked on them since. */
  reset(isMeant?: (key: NodeKey) => boolean): void;
}

/** Builds the loop. */
export function createLoop(given: LoopOptions): Loop {
  const options: PassOptions = { ...given, clock: createSteadyClock(given.clock), startedAt: given.clock.mono() };
  const memories = new Map<NodeKey, NodeMemory | Rest>();
  const waits = createSidecarWaits({
    ...options,
    answered({ key, memory, address }, { health, askedAt }) {
      // A wake since the last pass may be of a life that was not asked.
      if (health.state === "notReady" && memory.causes.size === 0) memory.shutSeen = { ...address, health, askedAt };
      lookBy(options, memory, options.clock.mono());
      options.passSoon(key);
    },
  });
  const forget = (key: NodeKey): void => {
    waits.end(memories.get(key)?.uid ?? "");
    memories.delete(key);
  };
  const keep = (key: NodeKey, memory: NodeMemory): NodeMemory => {
    memories.set(key, memory);
    return memory;
  };
  const remember = (key: NodeKey, uid: string): NodeMemory => {
    const known = memories.get(key);
    if (known?.uid === uid) return isRest(known) ? keep(key, awake(known)) : known;
    forget(key);
    return keep(key, newMemory(uid));
  };
  return {
    wake(key, cause) {
      const known = memories.get(key);
      if (known === undefined) return;
      const memory = remember(key, known.uid);
      memory.causes = new Set([...memory.causes, cause]);
      memory.shutSeen = null;
      if (cause === "pod") memory.podEventAt = options.clock.mono();
    },
    async glance(key, signal) {
      const rest = memories.get(key);
      if (rest === undefined || !isRest(rest)) return null;
      const askedAt = options.clock.mono();
      const seen = await glance(options, { namespace: namespaceOf(key), rest }, signal);
      // Meanwhile it may have been woken, or forgotten.
      if (memories.get(key) !== rest) return null;
      if (seen === null || typeof seen === "number") return seen;
      const { host, port } = rest;
      keep(key, awake(rest)).shutSeen = { host, port, health: seen, askedAt };
      return null;
    },
    async pass(key, signal) {
      const node = options.ports.node(key);
      if (node === null) {
        forget(key);
        return null;
      }
      const memory = remember(key, node.metadata.uid);
      waits.end(memory.uid);
      const settled = (rest: Rest): void => {
        // Meanwhile it may have been forgotten.
        if (memories.get(key) === memory) memories.set(key, rest);
      };
      return passOf(options, { node, memory, signal, waits, settled });
    },
    reset(isMeant = () => true) {
      for (const key of memories.keys()) if (isMeant(key)) forget(key);
    },
  };
}

interface Start {
  readonly node: SeiNode;
  readonly memory: NodeMemory;
  readonly signal: AbortSignal;
  readonly waits: SidecarWaits;
  /** Called when the node is at rest, in place of a memory. */
  readonly settled: (rest: Rest) => void;
}

/** Of a node that cannot be read back. */
const NOT_READ = { firstMs: 200, capMs: 60_000 };

async function passOf(options: PassOptions, start: Start): Promise<number | null> {
  const { memory, signal, waits } = start;
  const node = await freshNode(options, start);
  if (node === null) return backOffMs(NOT_READ, memory.failures);
  const turn: Turn = {
    options,
    memory,
    signal,
    waits,
    startedAt: options.clock.mono(),
    peersVersion: options.ports.peersVersion(),
    withheld: null,
    missedClaim: null,
    node,
    around: options.ports.surroundings(node),
    draft: new StatusDraft(node, nowOf(options.clock)),
    events: [],
    said: NOTHING_SAID,
    reports: [],
    madePlan: null,
    restMs: null,
    isExpectant: false,
    isSettled: false,
  };
  const causes = takeCauses(memory);
  if (node.metadata.deletionTimestamp !== undefined) await deleteNode(turn);
  else if ((await run(turn, causes)) === "anew") {
    // Events that were caught up with were not sent.
    memory.eventsCaughtUp = false;
    return passOf(options, { ...start, node: turn.node });
  }
  const rest = turn.isSettled ? restOf(turn) : null;
  if (rest !== null) start.settled(rest);
  return turn.restMs;
}

/** `anew`: what is to be done wants proof first, so nothing of it was begun. */
async function run(turn: Turn, causes: ReadonlySet<Cause>): Promise<"anew" | void> {
  const { ports } = turn.options;
  catchUp(turn);
  const accepted = ports.accepts(turn.node);
  if (accepted.kind === "refused") return stall(turn, accepted);
  turn.withheld = accepted.withheld ?? null;
  const tooOld = crdObstacle(turn);
  if (tooOld !== null) return stall(turn, tooOld);
  if (!(await ensureFinalizer(turn)) || !(await isOutcomeKept(turn))) return;
  tellSpec(turn, accepted.paused);
  await seekClaim(turn);
  await look(turn, causes);
  const life = await lifeOf(turn, accepted.paused);
  if (life.kind === "unread") return void retry(turn, life.why);
  const obstacle = decide(turn, accepted.paused, life);
  if (isProofWanted(turn)) return "anew";
  noteTrouble(turn);
  tellSummary(turn, obstacle, aheadOf(turn, accepted.paused));
  noteMade(turn);
  if ((await commit(turn)) === "stop") return lookOn(turn);
  if (turn.withheld === null && (await scale(turn, accepted.paused)) === "stop") return;
  if (isProofWanted(turn)) return "anew";
  if (!accepted.paused && isCarriedOn(turn, obstacle)) return carryOn(turn);
  rest(turn);
  turn.isSettled = true;
}

/** While it is brought up, the plan of init owns the sidecar. */
async function look(turn: Turn, causes: ReadonlySet<Cause>): Promise<void> {
  if (turn.node.status.phase === "Running") await lookAll(turn, causes.has("pod") || causes.has("start"));
}

/** Notes the plan that this pass made, if it made one. */
function noteMade(turn: Turn): void {
  const made = turn.draft.status.plan?.id;
  if (made === undefined || made === turn.node.status.plan?.id) return;
  turn.madePlan = made;
  turn.memory.tried = new Set();
}

async function carryOn(turn: Turn): Promise<void> {
  const { ports, probeIntervalMs } = turn.options;
  const came = ports.mayAct(turn.node) ? await act(turn) : "go";
  if (!ports.mayAct(turn.node)) restAtMost(turn, probeIntervalMs);
  // After a patch that failed, its back-off alone counts.
  if (came === "go" || turn.restMs === null) rest(turn);
}

/** Who may not write goes on looking all the same: its metrics are what it is for. */
function lookOn(turn: Turn): void {
  if (!turn.options.ports.mayWrite(turn.node)) rest(turn);
}

async function stall(turn: Turn, obstacle: Obstacle): Promise<void> {
  summarise(turn.draft, obstacle);
  if ((await commit(turn)) === "stop" && turn.restMs === null) retry(turn, null);
}

/** A sidecar that does not answer right after a Pod event is waited for; when a gate was just opened, the next look comes soon. */
function rest(turn: Turn): void {
  const { options, around, node, memory } = turn;
  const sidecar = conditionOf(turn.node.status.conditions, "SidecarReady");
  if (turn.node.status.phase !== "Running") return;
  restUntilNextLook(turn);
  if (sidecar === null) return;
  const isUnknown = memory.isUntold || sidecar.status === "Unknown";
  const address = isUnknown ? options.ports.address(node, around) : null;
  if (address !== null) turn.waits.begin({ key: keyOf(node.metadata), address, memory });
  const opened = turn.node.status.history?.at(-1);
  const sinceMs = options.clock.ageMs(opened?.finishedAt);
  // A time still to come is another's clock: it hurries nobody.
  const isJustOpened = opened?.incarnation !== undefined && sinceMs >= 0 && sinceMs < 30_000;
  if (sidecar.status === "False" && isJustOpened) hurry(turn, 500);
}

/** Makes the next look of the built-ins due soon, and the next pass with it. */
function hurry(turn: Turn, ms: number): void {
  lookBy(turn.options, turn.memory, turn.options.clock.mono() + ms);
  restAtMost(turn, ms);
}
