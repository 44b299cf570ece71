/**
 * One pass for one node: wake, observe, decide, persist, act, rest. Source: docs/design/0001-the-loop.md.
 *
 * The caller (a keyed queue) sees to it that a key never has two passes at once.
 */
import { act, endPlan, setPhase } from "./acting.ts";
import { graceUntil, heldBackUntil } from "./history.ts";
import { catchUpEvents, inputFor, lookAll, restUntilNextLook } from "./looking.ts";
import type { NodeKey, SeiNode } from "./node.ts";
import { type Cause, eagerness, newMemory, type NodeMemory } from "./node-memory.ts";
import { conditionOf } from "./conditions.ts";
import type { Drift, StoredPlan } from "./plan.ts";
import { planOf } from "./plan-lifecycle.ts";
import { judge } from "./registry.ts";
import { StatusDraft } from "./status.ts";
import type { PodView } from "./views.ts";
import { commit, type LoopOptions, nowOf, restAtMost, retry, type Turn } from "./turn.ts";
import { type Obstacle, summarise, updateStarted, verdict } from "./verdicts.ts";

/** The loop: told what changed, asked to pass. */
export interface Loop {
  /** Notes why a node wants a pass; the caller puts the key on its queue. */
  wake(key: NodeKey, cause: Cause): void;
  /** Runs one pass. Resolves with the milliseconds until the next one is wanted; null = only by event. Never rejects on expected failure. */
  pass(key: NodeKey, signal: AbortSignal): Promise<number | null>;
  /** Forgets every node, as after the Lease was lost. */
  reset(): void;
}

/** Builds the loop. */
export function createLoop(options: LoopOptions): Loop {
  const memories = new Map<NodeKey, NodeMemory>();
  const remember = (key: NodeKey, uid: string): NodeMemory => {
    const known = memories.get(key);
    if (known?.uid === uid) return known;
    const fresh = newMemory(uid);
    memories.set(key, fresh);
    return fresh;
  };
  return {
    wake(key, cause) {
      const memory = memories.get(key);
      memory?.causes.add(cause);
      if (cause === "pod" && memory !== undefined) memory.podEventAt = options.clock.mono();
    },
    async pass(key, signal) {
      const node = options.ports.node(key);
      if (node === null) {
        memories.delete(key);
        return null;
      }
      return passOf(options, { node, memory: remember(key, node.metadata.uid), signal });
    },
    reset: () => memories.clear(),
  };
}

interface Start {
  readonly node: SeiNode;
  readonly memory: NodeMemory;
  readonly signal: AbortSignal;
}

async function passOf(options: LoopOptions, start: Start): Promise<number | null> {
  const { memory, signal } = start;
  const node = await freshNode(options, start);
  if (node === null) return Math.min(60_000, 100 * 2 ** Math.min(memory.failures, 10));
  if (node.metadata.deletionTimestamp !== undefined) return null;
  const turn: Turn = {
    options,
    memory,
    signal,
    node,
    around: options.ports.surroundings(node),
    draft: new StatusDraft(node, nowOf(options.clock)),
    events: [],
    restMs: null,
  };
  const causes = memory.causes;
  memory.causes = new Set();
  await run(turn, causes);
  return turn.restMs;
}

/** The node as stored; read live first when the outcome of our last write is not known. */
async function freshNode(options: LoopOptions, { node, memory }: Start): Promise<SeiNode | null> {
  if (!memory.uncertain) return node;
  const key = `${node.metadata.namespace}/${node.metadata.name}`;
  if (!(await options.ports.refresh(key))) {
    memory.failures += 1;
    return null;
  }
  memory.uncertain = false;
  const current = options.ports.node(key);
  return current?.metadata.uid === memory.uid ? current : null;
}

async function run(turn: Turn, causes: ReadonlySet<Cause>): Promise<void> {
  const { ports } = turn.options;
  catchUpEvents(turn);
  const accepted = ports.accepts(turn.node);
  if (accepted.kind === "refused") return stall(turn, accepted);
  const tooOld = crdObstacle(turn);
  if (tooOld !== null) return stall(turn, tooOld);
  turn.draft.abnormal(
    accepted.paused
      ? verdict("Paused", "True", "Paused", "spec.paused is set")
      : verdict("Paused", "False", "NotStalled", ""),
    !accepted.paused,
  );
  if (turn.node.status.phase === "Running") await lookAll(turn, causes.has("pod") || causes.has("start"));
  const obstacle = decide(turn, accepted.paused);
  summarise(turn.draft, obstacle);
  const made = turn.draft.status.plan;
  if (made !== turn.node.status.plan && made !== null && made !== undefined) turn.memory.ownPlan = made.id;
  if ((await commit(turn)) === "stop") return;
  if (accepted.paused || obstacle !== null || turn.node.status.plan?.phase !== "Active") return rest(turn);
  if (!ports.mayAct()) return;
  await act(turn);
  rest(turn);
}

/** A field that did not come back means that the CRD is older than we are: nothing is done until it is not. */
function crdObstacle(turn: Turn): Obstacle | null {
  const { dropped } = turn.memory;
  const leftMs = dropped === null ? 0 : dropped.untilMono - turn.options.clock.mono();
  if (dropped === null || leftMs <= 0) return null;
  restAtMost(turn, leftMs);
  return { reason: "CRDTooOld", message: `the API server dropped ${dropped.field}: apply the CRD of this version` };
}

async function stall(turn: Turn, obstacle: Obstacle): Promise<void> {
  summarise(turn.draft, obstacle);
  if ((await commit(turn)) === "stop" && turn.restMs === null) retry(turn, null);
}

/** Puts what is to be done next into the draft: clears an ended plan, makes the next one. Returns what stands in the way. */
function decide(turn: Turn, isPaused: boolean): Obstacle | null {
  clearEnded(turn);
  const status = turn.draft.status;
  if (status.plan?.phase === "Active" || isPaused) return null;
  if (status.phase === undefined || status.phase === "Pending") return init(turn);
  if (status.phase !== "Running") return null;
  const held = dataVolumeObstacle(turn);
  if (held !== null) return held;
  const names = judge(
    turn.options.detectors,
    (name) => inputFor(turn, name),
    (name) => turn.memory.looks.get(name)?.failure ?? null,
  );
  for (const said of names) {
    if (said.failure !== null) turn.options.ports.report.detectorFailed(turn.node, said.name, said.failure);
    if (said.drift === null) continue;
    turn.options.ports.report.drift(turn.node, said.name, said.mode);
    if (said.mode === "act") plan(turn, said.drift, said.name);
  }
  return null;
}

/** A plan that has ended, or that the reader set aside as corrupt, leaves status before anything else is decided. */
function clearEnded(turn: Turn): void {
  const { plan: stored } = turn.draft.status;
  if (stored === null || stored === undefined) return;
  if (stored.phase === "Active") return;
  endPlan(turn, stored, { outcome: stored.phase, message: stored.failedTaskDetail?.error ?? endMessage(stored) });
}

function endMessage(stored: StoredPlan): string {
  return stored.phase === "Failed" ? (stored.message ?? "") : "";
}

function init(turn: Turn): Obstacle | null {
  const verdictOfInit = turn.options.ports.initPlan(turn.node);
  if (verdictOfInit.kind === "refused") return verdictOfInit;
  if (!turn.options.ports.mayAct()) return null;
  setPhase(turn, "Initializing");
  store(turn, planOf(verdictOfInit.drift, "init", stampOf(turn)));
  return null;
}

/** The gate is opened only on the volume that init completed on. */
function dataVolumeObstacle(turn: Turn): Obstacle | null {
  const { claim } = turn.around;
  const known = turn.draft.status.dataVolume;
  if (known === undefined) {
    // A node that another program brought up: the volume it runs on is the one that counts from now on.
    if (claim !== null && !claim.deleting && turn.options.ports.mayAct()) {
      turn.draft.set({ dataVolume: { claimName: claim.name, uid: claim.uid } });
    }
    return null;
  }
  if (claim !== null && claim.uid === known.uid) return null;
  const found = claim === null ? "no such claim" : "another claim of that name";
  return {
    reason: "DataVolumeLost",
    message: `data volume: claim ${known.claimName}: got ${found}, want the one that init completed on. Restore it; the gate stays shut`,
  };
}

function plan(turn: Turn, drift: Drift, detector: string): void {
  const { clock, ports } = turn.options;
  const history = turn.draft.status.history ?? [];
  const until = Math.max(heldBackUntil(history, detector), graceUntil(history, drift.incarnation));
  if (until > clock.wall()) return restAtMost(turn, until - clock.wall());
  if (!ports.mayAct()) return;
  store(turn, planOf(drift, detector, stampOf(turn)));
}

function store(turn: Turn, made: StoredPlan): void {
  turn.draft.set({ plan: made });
  const started = updateStarted(made);
  if (started !== null) turn.draft.condition(started);
  turn.options.ports.report.planStarted(turn.node, made);
}

function stampOf(turn: Turn): { readonly id: string; readonly at: string } {
  return { id: turn.options.random.uuid4(), at: nowOf(turn.options.clock) };
}

/** While the sidecar's state is unknown right after a Pod event, or a gate was just opened, the next look comes soon. */
function rest(turn: Turn): void {
  const { memory, options, around } = turn;
  const sidecar = conditionOf(turn.node.status.conditions, "SidecarReady");
  if (turn.node.status.phase !== "Running") return;
  restUntilNextLook(turn);
  if (sidecar === null) return;
  const { againMs } = eagerness(memory, options.clock.mono());
  if (sidecar.status === "Unknown" && againMs !== null && hasAddress(around.pod)) {
    hurry(turn, againMs);
  }
  const opened = turn.node.status.history?.at(-1);
  const sinceMs =
    opened === undefined ? Number.POSITIVE_INFINITY : options.clock.wall() - Date.parse(opened.finishedAt);
  if (sidecar.status === "False" && opened?.incarnation !== undefined && sinceMs < 30_000) hurry(turn, 500);
}

/** Makes the next look due soon, and the next pass with it. */
function hurry(turn: Turn, ms: number): void {
  const dueAt = turn.options.clock.mono() + ms;
  for (const [name, seen] of turn.memory.looks) {
    if (seen.dueAt > dueAt) turn.memory.looks.set(name, { ...seen, dueAt });
  }
  restAtMost(turn, ms);
}

function hasAddress(pod: PodView | null): boolean {
  return pod !== null && pod.ip !== null && !pod.deleting;
}
