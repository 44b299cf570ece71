/**
 * What the loop remembers of a node between reconciles, besides its status: only things that a restart may forget. One
 * memory a node; whoever wants to know or to note something does it by the operations below.
 */
import type { ClaimView, SidecarHealth } from "../model/index.ts";
import type { SidecarAddress } from "./ports.ts";
import type { DatedObservation } from "./run-observe.ts";
import type { StoredReport } from "./stored-report.ts";
import type { Troubled } from "./trouble.ts";
import type { Watched } from "./watch-step.ts";

/** Why a reconcile was asked for. */
export type Trigger = "start" | "node" | "pod" | "owned" | "timer";

/** A gate that was seen shut, with what its tasks tell. */
export type ShutGate = Extract<SidecarHealth, { state: "notReady" }>;

/** One that was seen so between reconciles, at this address; when it was asked is monotonic milliseconds. */
export interface ShutSeen extends SidecarAddress {
  readonly health: ShutGate;
  readonly askedAt: number;
}

/** Collections that are empty for nearly every node are one shared object. */
const STARTED: ReadonlySet<Trigger> = new Set(["start"]);
const NO_TRIGGERS: ReadonlySet<Trigger> = new Set();
const UNTRIED: ReadonlySet<string> = new Set();
const NONE: ReadonlyMap<string, string> = new Map();
const UNSEEN: ReadonlyMap<string, DatedObservation> = new Map();
const NO_REPORTS: readonly StoredReport[] = [];

/** A reconcile this soon after a probe need not ask again. */
const JUST_NOW_MS = 250;

/** What is kept of a node that is idle, see `idle-node.ts`. */
export type Kept = Pick<NodeMemory, "uid" | "liveRead" | "eventsCaughtUp" | "dropsInitDigest">;

/** One node's memory. */
export class NodeMemory {
  readonly uid: string;
  /** Monotonic milliseconds of the last Pod event. */
  podEventAt = Number.NEGATIVE_INFINITY;
  /** False until detectors judged once in this life: until then, what status says of their failing stands. */
  hasJudged = false;
  /** The sidecar is not known to be ready, and status does not say so yet. */
  isUntold = false;
  /** Whether the node and its objects were read live since we work on it, or are to be, see `live-read.ts`. */
  liveRead: "none" | "due" | "done" = "none";
  /** What was watched of the current step; null before it was tried. */
  watched: Watched | null = null;
  /** What keeps its Pod from running; null while nothing is known to. */
  trouble: Troubled | null = null;
  /** When a claim that no mirror shows was last read live, and what was found; null = never. */
  claimSought: { readonly at: number; readonly claim: ClaimView | null } | null = null;
  /** The API server does not keep `status.initDigest`: its CRD is older than this program. */
  dropsInitDigest = false;
  /** The field that the API server dropped, and until when nothing is tried (monotonic milliseconds). */
  dropped: { readonly field: string; readonly untilMono: number } | null = null;
  /** Events of the last readiness change were sent by this process, or found too old to send. */
  eventsCaughtUp = false;
  /** Monotonic milliseconds at which replicas were last set for a pause or its end. */
  scaledAt = Number.NEGATIVE_INFINITY;
  #triggers: ReadonlySet<Trigger> = STARTED;
  #shutSeen: ShutSeen | null = null;
  #observations = UNSEEN;
  #detectors = { unwell: NONE, misjudged: NONE };
  #uncertain = false;
  #unsure = NO_REPORTS;
  #tried = UNTRIED;
  #triedAt = 0;
  #failures = 0;
  #isDeletionTold = false;

  constructor(uid: string) {
    this.uid = uid;
  }

  /** The memory of a node that was idle: it was judged, and nothing was found. */
  static ofIdle({ uid, liveRead, eventsCaughtUp, dropsInitDigest }: Kept): NodeMemory {
    const memory = new NodeMemory(uid);
    [memory.liveRead, memory.eventsCaughtUp, memory.dropsInitDigest] = [liveRead, eventsCaughtUp, dropsInitDigest];
    memory.hasJudged = true;
    memory.#triggers = NO_TRIGGERS;
    return memory;
  }

  /** Notes why a reconcile is wanted. What was seen shut may be of a life that is over. */
  trigger(trigger: Trigger, mono: number): void {
    this.#triggers = new Set([...this.#triggers, trigger]);
    this.#shutSeen = null;
    if (trigger === "pod") this.podEventAt = mono;
  }

  /** The triggers since the last reconcile began, which are none from now on. */
  takeTriggers(): ReadonlySet<Trigger> {
    const triggers = this.#triggers;
    this.#triggers = NO_TRIGGERS;
    return triggers;
  }

  /** Something came since the reconcile began. */
  get isTriggered(): boolean {
    return this.#triggers.size > 0;
  }

  /** Notes who said between reconciles that its gate is shut. */
  sawShut(seen: ShutSeen): void {
    this.#shutSeen = seen;
  }

  /** Where a gate was seen shut just now, for the one observation that takes it; null when it was not, or not just now. */
  takeShutSeen(mono: number): ShutSeen | null {
    const seen = this.#shutSeen;
    this.#shutSeen = null;
    return seen !== null && mono - seen.askedAt < JUST_NOW_MS ? seen : null;
  }

  /** The newest observation of a detector. */
  observationOf(detector: string): DatedObservation | undefined {
    return this.#observations.get(detector);
  }

  keepObservation(detector: string, observation: DatedObservation): void {
    this.#observations = new Map([...this.#observations, [detector, observation]]);
  }

  /** Makes a detector's next observation due then, if it is not sooner. */
  observeBy(detector: string, dueAt: number): void {
    const seen = this.#observations.get(detector);
    if (seen !== undefined && seen.dueAt > dueAt) this.keepObservation(detector, { ...seen, dueAt });
  }

  /** Notes what a detector's observing (or its conditions), or its judging, last failed with; null = it is well. */
  noteFailure(of: "unwell" | "misjudged", detector: string, failure: string | null): void {
    const known = this.#detectors[of];
    if ((known.get(detector) ?? null) === failure) return;
    const others = [...known].filter(([other]) => other !== detector);
    const next = new Map(failure === null ? others : [...others, [detector, failure]]);
    this.#detectors = { ...this.#detectors, [of]: next };
  }

  /** What a detector fails with; null when it is well. */
  failureOf(detector: string): string | null {
    const { unwell, misjudged } = this.#detectors;
    return unwell.get(detector) ?? misjudged.get(detector) ?? null;
  }

  /** Every detector judged, and none fails; nothing was dropped, and nothing keeps the Pod from running. */
  get isWell(): boolean {
    const { unwell, misjudged } = this.#detectors;
    const fails = unwell.size > 0 || misjudged.size > 0;
    return this.hasJudged && !fails && this.dropped === null && this.trouble === null;
  }

  /** The outcome of the last write is not known: the node is read before anything else. */
  get isUncertain(): boolean {
    return this.#uncertain;
  }

  /** The reply to a write was lost; `unsure` = what is told once the write is known to be stored. */
  lostReply(unsure: readonly StoredReport[] = this.#unsure): void {
    this.#uncertain = true;
    this.#unsure = unsure;
  }

  /** The node was read live, perhaps with its objects. */
  wasRead(isWithOwned: boolean): void {
    this.#uncertain = false;
    if (isWithOwned) this.liveRead = "done";
  }

  /** Takes what was unsure; from now on nothing is. */
  takeUnsure(): readonly StoredReport[] {
    const unsure = this.#unsure;
    this.#unsure = NO_REPORTS;
    return unsure;
  }

  /** Notes a try of a task: whether it is the first in this life, and for how long the task has been tried. */
  tried(task: string, mono: number): { readonly isFirst: boolean } {
    const isFirst = !this.#tried.has(task);
    if (isFirst) this.#triedAt = mono;
    this.#tried = new Set([...this.#tried, task]);
    return { isFirst };
  }

  /** Milliseconds since the current task was first tried. */
  triedForMs(mono: number): number {
    return mono - this.#triedAt;
  }

  /** A plan was made in this life: none of its tasks was tried. */
  planMade(): void {
    this.#tried = UNTRIED;
  }

  /** How many writes or live reads failed in a row, with this one. */
  failed(): number {
    this.#failures += 1;
    return this.#failures;
  }

  /** Writes and live reads that failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** A write went through. */
  stored(): void {
    this.#failures = 0;
  }

  /** True once: that the node is being deleted is told by this process then. */
  tellsDeletion(): boolean {
    const isFirst = !this.#isDeletionTold;
    this.#isDeletionTold = true;
    return isFirst;
  }
}
