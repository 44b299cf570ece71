/**
 * What one reconcile knows and what it has to say.
 *
 * Who owns what: the fields of a context never change, and a step that learns more returns the next one. Three of them are
 * objects that steps change: `draft`, until `persist.ts` stores it, after which the next context has a new one; `next`, the time
 * of the next reconcile, which `rest.ts` reads; and `memory`, which alone outlives the reconcile (`node-memory.ts`).
 */
import {
  type ClaimView,
  type Obstacle,
  type OwnedObjects,
  type ReconcileReport,
  type RegisteredDetector,
  type SeiNode,
  StatusDraft,
} from "../model/index.ts";
import type { Random, Timers } from "../base/index.ts";
import type { Readiness } from "./gate-condition.ts";
import type { NodeMemory } from "./node-memory.ts";
import type { Facts, NodeEvent, Policy, Reader, Sidecars, Writer } from "./ports.ts";
import type { StartupProbes } from "./startup-probes.ts";
import type { SteadyClock } from "./steady-clock.ts";
import type { StoredReport } from "./stored-report.ts";

/** What every reconcile is made with: the five ports, whom it tells, the detectors, time and chance. */
export interface LoopParts {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly sidecars: Sidecars;
  readonly facts: Facts;
  readonly policy: Policy;
  readonly report: ReconcileReport;
  readonly detectors: readonly RegisteredDetector[];
  /** What the detectors declare of the node's gate. */
  readonly readiness: Readiness;
  readonly startupProbes: StartupProbes;
  readonly clock: SteadyClock;
  readonly timers: Timers;
  readonly random: Random;
  /** Milliseconds between two observations when no event asks for one. */
  readonly probeIntervalMs: number;
  /** Monotonic milliseconds at which the loop was built. */
  readonly startedAt: number;
}

/** What one reconcile knows at one of its steps. */
export interface ReconcileContext {
  readonly loop: LoopParts;
  readonly memory: NodeMemory;
  readonly signal: AbortSignal;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** `Reader.peersVersion` as the reconcile began. */
  readonly peersVersion: number;
  /** As last stored. */
  readonly node: SeiNode;
  readonly owned: OwnedObjects;
  readonly isPaused: boolean;
  /** Why nothing of the spec may be applied; null = all of it may. */
  readonly withheld: Obstacle | null;
  /** The data volume's claim, where no mirror shows it and it is there; null = it was not missed, or is gone. */
  readonly missedClaim: ClaimView | null;
  readonly draft: ReconcileDraft;
  readonly next: NextReconcile;
}

/** Of nearly every reconcile. */
const NOTHING_SAID: ReadonlySet<string> = new Set();

/** All that is to be stored and told next: status, the Events of it, and what telemetry hears once it is stored. */
export class ReconcileDraft extends StatusDraft {
  #events: readonly NodeEvent[] = [];
  #reports: readonly StoredReport[] = [];
  #said: ReadonlySet<string> = NOTHING_SAID;

  /** Events that follow the next patch. */
  event(...events: readonly NodeEvent[]): void {
    if (events.length > 0) this.#events = [...this.#events, ...events];
  }

  /** Tells when the next patch is stored. */
  report(report: StoredReport): void {
    this.#reports = [...this.#reports, report];
  }

  /** Notes that a plugin said a condition, as `noteOf` has it. */
  say(note: string): void {
    this.#said = new Set([...this.#said, note]);
  }

  get events(): readonly NodeEvent[] {
    return this.#events;
  }

  get reports(): readonly StoredReport[] {
    return this.#reports;
  }

  /** Conditions that plugins said in this reconcile. */
  get said(): ReadonlySet<string> {
    return this.#said;
  }

  /** Events and reports so far, which are none from now on. */
  take(): { readonly events: readonly NodeEvent[]; readonly reports: readonly StoredReport[] } {
    const taken = { events: this.#events, reports: this.#reports };
    [this.#events, this.#reports] = [[], []];
    return taken;
  }

  /** The draft that goes on from a node as it was stored; what was not sent yet goes with it. */
  onto(node: SeiNode, at: string): ReconcileDraft {
    const next = new ReconcileDraft(node, at);
    [next.#events, next.#reports, next.#said] = [this.#events, this.#reports, this.#said];
    return next;
  }
}

/** When the next reconcile is wanted: the soonest of all wishes. */
export class NextReconcile {
  #afterMs: number | null = null;
  #isExpectant = false;

  /** Milliseconds; null = only by an event. */
  get afterMs(): number | null {
    return this.#afterMs;
  }

  /** Something besides the next observation is wished for, sooner or later. */
  get isExpectant(): boolean {
    return this.#isExpectant;
  }

  /** No later than in `ms`. */
  atMost(ms: number): void {
    this.#isExpectant = true;
    this.observeBy(ms);
  }

  /** No later than the next observation, which every node wishes for. */
  observeBy(ms: number): void {
    const wanted = Math.max(0, ms);
    this.#afterMs = this.#afterMs === null ? wanted : Math.min(this.#afterMs, wanted);
  }

  /** After a failed write only its back-off counts: the next reconcile finds the rest again. */
  backOff(ms: number): void {
    this.#afterMs = ms;
  }

  /** Only by an event. */
  never(): void {
    this.#afterMs = null;
  }
}

/** The node as it would be after the patch: what detectors judge. */
export function nodeAfterDraft({ node, draft }: Pick<ReconcileContext, "node" | "draft">): SeiNode {
  return { ...node, status: draft.status };
}

/** The context with the node's objects as stored now: the mirrors hold what was just read or applied. */
export function withOwnedNow(context: ReconcileContext): ReconcileContext {
  return { ...context, owned: context.loop.reader.owned(context.node) };
}
