/** One turn of the loop for one node: what its steps share, and the one place where status is written. */
import { backOffMs, type Clock, jitter, type JsonObject, type Random, type Timers } from "../base/index.ts";
import {
  attentionOf,
  type ClaimView,
  conditionOf,
  currentTask,
  droppedField,
  type NodeKey,
  type NodeStatus,
  type Obstacle,
  type RegisteredDetector,
  type SeiNode,
  StatusDraft,
  type Surroundings,
} from "../model/index.ts";
import { noteBaseline, noteDropped } from "./init-baseline.ts";
import { renewedDigests } from "./renewed-digests.ts";
import { isRecent, recentEvents, statesChanged } from "./events.ts";
import { troubleEvents } from "./trouble.ts";
import type { NodeMemory } from "./node-memory.ts";
import { tidyConditions } from "./plugin-conditions.ts";
import type { NodeEvent, PassPorts } from "./ports.ts";
import type { SidecarWaits } from "./sidecar-waits.ts";
import { type StoredReport, tellStored } from "./stored-report.ts";
import type { SteadyClock } from "./steady-clock.ts";
import { waitOf } from "./watched.ts";

/** What the loop is built from. */
export interface LoopOptions {
  readonly ports: PassPorts;
  readonly detectors: readonly RegisteredDetector[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Milliseconds between two looks when no event asks for one. */
  readonly probeIntervalMs: number;
  /** Makes the node's next pass due now; called between passes. */
  readonly passSoon: (key: NodeKey) => void;
}

/** The same as passes have it. */
export interface PassOptions extends LoopOptions {
  readonly clock: SteadyClock;
  /** Monotonic milliseconds at which the loop was built. */
  readonly startedAt: number;
}

/** Of nearly every pass. */
export const NOTHING_SAID: ReadonlySet<string> = new Set();

/** The state of one pass. `node` moves on with every stored patch. */
export interface Turn {
  readonly options: PassOptions;
  readonly memory: NodeMemory;
  readonly signal: AbortSignal;
  readonly waits: SidecarWaits;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** `PassPorts.peersVersion` as the pass began. */
  readonly peersVersion: number;
  /** Why nothing of the spec may be applied; null = all of it may. */
  withheld: Obstacle | null;
  /** The data volume's claim, where no mirror shows it and it is there; null = it was not missed, or is gone. */
  missedClaim: ClaimView | null;
  node: SeiNode;
  around: Surroundings;
  draft: StatusDraft;
  events: NodeEvent[];
  /** Conditions that plugins said in this pass, as `noteOf` has them. */
  said: ReadonlySet<string>;
  /** Told when the next patch is stored. */
  reports: StoredReport[];
  /** Plan that this pass made: nobody can have tried its tasks before. */
  madePlan: string | null;
  /** Milliseconds until the next pass is wanted, the soonest of all wishes; null = only by event. */
  restMs: number | null;
  /** Something besides the next look is wished for, sooner or later. */
  isExpectant: boolean;
  /** The pass went to its end, with nothing left to do. */
  isSettled: boolean;
}

/** The time as RFC 3339. */
export function nowOf(clock: Clock): string {
  return new Date(clock.wall()).toISOString();
}

/** Asks for the next pass no later than in `ms`. */
export function restAtMost(turn: Turn, ms: number): void {
  turn.isExpectant = true;
  turn.restMs = soonest(turn.restMs, ms);
}

/** The sooner of two rests, never below 0; null = none is wished for. */
export function soonest(restMs: number | null, ms: number): number {
  const wanted = Math.max(0, ms);
  return restMs === null ? wanted : Math.min(restMs, wanted);
}

/** The node as it would be after the patch: what detectors judge. */
export function drafted(turn: Turn): SeiNode {
  return { ...turn.node, status: turn.draft.status };
}

/** What is told of the node beside what is done. Between two Pods it is what was told of the last one. */
export function remarkOn(turn: Turn): string {
  const { node, around, options } = turn;
  if (around.pod !== null && !around.pod.deleting) return options.ports.remark(drafted(turn), around);
  const told = conditionOf(node.status.conditions, "Reconciling");
  return told?.status === "False" ? told.message : "";
}

/** What the current step waits for, to be told; as `waitOf`. */
export function waitingOn({ draft, memory }: Turn): string | null | undefined {
  const { plan } = draft.status;
  const current = plan === null || plan === undefined ? null : currentTask(plan);
  if (plan === null || plan === undefined || current === null) return null;
  return waitOf(memory.watched, plan, current.task);
}

/** A CRD that is too old is tried again this often: somebody may have applied the new one. */
const CRD_RETRY_MS = 60_000;

/** What a commit came to: `go` = stored or nothing to store; `stop` = this pass ends, the next one looks afresh. */
export type Commit = "go" | "stop";

/** Writes what changed, in one patch, and then sends the Events of what is now true. */
export async function commit(turn: Turn): Promise<Commit> {
  const { ports } = turn.options;
  tidyConditions(turn);
  tellTrouble(turn);
  let patch = turn.draft.patch();
  if (patch === null) return send(turn);
  // Not worth a patch of its own: a new version would write a whole fleet.
  const applied = renewedDigests(turn);
  if (applied !== null) {
    turn.draft.set({ applied });
    patch = turn.draft.patch() ?? patch;
  }
  if (noteBaseline(turn)) patch = turn.draft.patch() ?? patch;
  if (!ports.mayWrite(turn.node)) {
    tellAttention(turn, turn.draft.status);
    return "stop";
  }
  turn.events.push(...statesChanged(turn.node.status, turn.draft.status));
  return store(turn, patch);
}

/** Writes a patch of status, and begins a new draft from the reply. */
export async function store(turn: Turn, patch: JsonObject): Promise<Commit> {
  const { ports } = turn.options;
  const reply = await ports.patchStatus(turn.node, patch);
  switch (reply.kind) {
    case "stored": {
      tellAttention(turn, reply.node.status);
      turn.node = reply.node;
      turn.draft = new StatusDraft(reply.node, nowOf(turn.options.clock));
      turn.memory.failures = 0;
      send(turn);
      noteDropped(turn, patch, reply.status);
      const dropped = droppedField(patch, reply.status);
      if (dropped === null) return "go";
      turn.memory.dropped = { field: dropped, untilMono: turn.options.clock.mono() + CRD_RETRY_MS };
      restAtMost(turn, 0);
      return "stop";
    }
    // The watch has yet to tell that it is gone; until then it is not asked for in a tight loop.
    case "gone":
    case "conflict":
      return retry(turn, null);
    case "lost":
      turn.memory.uncertain = true;
      // It may have been stored after all, and then nobody has sent its Events.
      turn.memory.eventsCaughtUp = false;
      turn.memory.unsure = turn.reports;
      return retry(turn, `the reply to a status patch was lost: ${reply.why}`);
    case "refused":
      return retry(turn, `the status patch was refused: ${reply.why}`);
  }
}

/** Tells once more what this process did not see committed itself: a repeat meets the Event that is there already. */
export function catchUp(turn: Turn): void {
  const { memory, node, options } = turn;
  if (memory.eventsCaughtUp || !options.ports.mayWrite(node)) return;
  memory.eventsCaughtUp = true;
  const ageMs = (at: string): number => options.clock.ageMs(at);
  turn.events.push(...recentEvents(node.status, ageMs));
  const wanted = attentionOf(node.status);
  if (wanted !== null && isRecent(wanted.since, ageMs)) options.ports.report.attention(node, wanted, null);
}

/** Tells what the node wants a person for from now on, or no longer. */
function tellAttention({ node, options }: Turn, after: NodeStatus): void {
  const [was, is] = [attentionOf(node.status), attentionOf(after)];
  if (was?.transition !== is?.transition) options.ports.report.attention(node, is, was);
}

function tellTrouble({ memory, draft, around, events, options, node }: Turn): void {
  if (!options.ports.mayWrite(node)) return;
  const of = around.pod?.uid ?? around.statefulSet?.uid ?? "";
  events.push(...troubleEvents(memory.trouble, draft.status.conditions, of));
}

function send(turn: Turn): "go" {
  const { memory, options } = turn;
  for (const event of turn.events) {
    options.ports.send(turn.node, event);
    if (event.reason === "PodNotRunning" && memory.trouble !== null)
      memory.trouble = { ...memory.trouble, isSent: true };
  }
  turn.events = [];
  // A CRD that is too old may have dropped what they are about.
  tellStored(turn.reports.splice(0), turn.node);
  return "go";
}

/** A plan ends, or is seen to have healed, only where that is kept: before one of an earlier version does, the API server is asked. */
export async function isOutcomeKept(turn: Turn): Promise<boolean> {
  const { ports } = turn.options;
  const { plan = null, history = [] } = turn.node.status;
  const opened = history.findLast(({ incarnation }) => incarnation !== undefined);
  const question = plan !== null || opened?.healed === false ? turn.draft.question() : null;
  return question === null || !ports.mayAct(turn.node) || (await store(turn, question)) === "go";
}

const RETRY = { firstMs: 40, capMs: 300_000 };

/**
 * Ends the pass; the next one comes after a wait that doubles with each failure in a row, up to 5 min. Whatever the
 * pass had wished for does not shorten it: what was not stored is found, and wished for, again.
 */
export function retry(turn: Turn, why: string | null): "stop" {
  const { memory, options } = turn;
  memory.failures += 1;
  turn.restMs = jitter(backOffMs(RETRY, memory.failures), options.random.u32(), { from: 0.5, to: 1 });
  if (why !== null) options.ports.report.problem(turn.node, why, turn.restMs);
  return "stop";
}
