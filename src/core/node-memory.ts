/**
 * What the loop remembers of a node between passes, besides its status: only things that a restart may forget.
 */
import type { ClaimView, SidecarHealth } from "../model/index.ts";
import type { SidecarAddress } from "./ports.ts";
import type { Look } from "./registry.ts";
import type { StoredReport } from "./stored-report.ts";
import type { Troubled } from "./trouble.ts";
import type { Watched } from "./watched.ts";

/** Why a pass was asked for. */
export type Cause = "start" | "node" | "pod" | "owned" | "timer";

/** After a Pod event an unknown probe is repeated quickly for this long. Source: docs/design/0001-the-loop.md. */
const EAGER_MS = 60_000;
const EAGER_EVERY_MS = 150;
/** Few sidecars take longer than this to come up; one that is waited for almost alone is asked more often still. */
const KEEN_MS = 30_000;
const KEEN_EVERY_MS = 50;
/** All keen probes together are about 1,000 a second at most: a fleet drained at once falls back to the step above. */
const KEEN_SHARE_MS = 1;
const EAGER_DEADLINE_MS = 500;
const WANING_EVERY_MS = 1000;
/** That a sidecar is not known to be ready may wait for this long after a Pod event, for each node that is waited for. */
const UNTOLD_SHARE_MS = 250;
const UNTOLD_MS = 8000;
/** A steady probe may take this long. */
export const PROBE_DEADLINE_MS = 2000;

/** A look with its times, monotonic milliseconds. */
export interface DatedLook extends Look {
  readonly takenAt: number;
  readonly dueAt: number;
}

/** A gate that was seen shut, with what its tasks tell. */
export type ShutGate = Extract<SidecarHealth, { state: "notReady" }>;

/** One that was seen so outside of passes, at this address; when it was asked is monotonic milliseconds. */
export interface ShutSeen extends SidecarAddress {
  readonly health: ShutGate;
  readonly askedAt: number;
}

/** One node's memory. */
export interface NodeMemory {
  readonly uid: string;
  /** Who said outside of passes that its gate is shut; a pass takes it. */
  shutSeen: ShutSeen | null;
  /** Causes that came since the last pass began. */
  causes: ReadonlySet<Cause>;
  /** Newest look of each detector, when it ended and when the next is due (monotonic milliseconds). */
  looks: ReadonlyMap<string, DatedLook>;
  /** What each detector's looking (or its conditions) and its judging last failed with; none for those that are well. */
  unwell: ReadonlyMap<string, string>;
  misjudged: ReadonlyMap<string, string>;
  /** The sidecar is not known to be ready, and status does not tell so yet. */
  isUntold: boolean;
  /** False until detectors judged once in this life: until then, what status says of their failing stands. */
  hasJudged: boolean;
  /** Monotonic milliseconds of the last Pod event. */
  podEventAt: number;
  /** The outcome of the last status write is not known: read before anything else. */
  uncertain: boolean;
  /** Whether what stands around the node was read live since we work on it (`proof.ts`). */
  proof: "none" | "wanted" | "given";
  /** Ids of the tasks that were tried, of the newest plan that this process made and of any that it took over. */
  tried: ReadonlySet<string>;
  /** When the current task was first tried, monotonic milliseconds. */
  taskStartedAt: number;
  /** What was watched of the current step; null before it was tried. */
  watched: Watched | null;
  /** When the claim was last looked for that no mirror shows, and what was found; null = it was not. */
  claimSought: { readonly at: number; readonly claim: ClaimView | null } | null;
  /** The API server does not keep `status.initDigest`: its CRD is older than this program. */
  dropsInitDigest: boolean;
  /** What keeps its Pod from running; null while nothing is known to. */
  trouble: Troubled | null;
  /** The field that the API server dropped, and until when nothing is tried (monotonic milliseconds). */
  dropped: { readonly field: string; readonly untilMono: number } | null;
  /** Events of the last readiness change were sent by this process, or found too old to send. */
  eventsCaughtUp: boolean;
  /** That the node is being deleted was told by this process. */
  isDeletionTold: boolean;
  /** Monotonic milliseconds at which replicas were last set for a pause or its end. */
  scaledAt: number;
  failures: number;
  /** What is told of the last status write once it is known to be stored: its reply was lost. */
  unsure: readonly StoredReport[];
}

/** What is empty for nearly every node of a fleet is shared by all. */
const STARTED: ReadonlySet<Cause> = new Set(["start"]);
export const NO_CAUSES: ReadonlySet<Cause> = new Set();
const UNTRIED: ReadonlySet<string> = new Set();
const NONE: ReadonlyMap<string, string> = new Map();
const UNSEEN: NodeMemory["looks"] = new Map();
const NO_REPORTS: readonly StoredReport[] = [];

/** The causes so far, which are none from now on. */
export function takeCauses(memory: NodeMemory): ReadonlySet<Cause> {
  const { causes } = memory;
  memory.causes = NO_CAUSES;
  return causes;
}

/** A pass that looks so soon after a question was put need not ask it again. */
const JUST_NOW_MS = 250;

/** Where a gate was seen shut just now, for the one look that takes it; null when it was not, or not just now. */
export function takeShutSeen(memory: NodeMemory, mono: number): ShutSeen | null {
  const { shutSeen } = memory;
  memory.shutSeen = null;
  return shutSeen !== null && mono - shutSeen.askedAt < JUST_NOW_MS ? shutSeen : null;
}

/** Notes a look. */
export function keepLook(memory: NodeMemory, name: string, look: DatedLook): void {
  memory.looks = new Map([...memory.looks, [name, look]]);
}

/** The failures with one detector's set, or taken out when it is well. */
export function withFailure(
  failures: ReadonlyMap<string, string>,
  name: string,
  failure: string | null,
): ReadonlyMap<string, string> {
  if ((failures.get(name) ?? null) === failure) return failures;
  const others = [...failures].filter(([other]) => other !== name);
  return new Map(failure === null ? others : [...others, [name, failure]]);
}

/** A fresh memory. */
export function newMemory(uid: string): NodeMemory {
  return {
    uid,
    shutSeen: null,
    causes: STARTED,
    looks: UNSEEN,
    unwell: NONE,
    misjudged: NONE,
    isUntold: false,
    hasJudged: false,
    podEventAt: Number.NEGATIVE_INFINITY,
    uncertain: false,
    proof: "none",
    tried: UNTRIED,
    taskStartedAt: 0,
    watched: null,
    trouble: null,
    claimSought: null,
    dropsInitDigest: false,
    dropped: null,
    eventsCaughtUp: false,
    isDeletionTold: false,
    scaledAt: Number.NEGATIVE_INFINITY,
    failures: 0,
    unsure: NO_REPORTS,
  };
}

/** How long a probe may take: less right after a Pod event. */
export function probeDeadlineMs(memory: NodeMemory, mono: number): number {
  return mono - memory.podEventAt < EAGER_MS ? EAGER_DEADLINE_MS : PROBE_DEADLINE_MS;
}

/** When a sidecar that does not answer is asked again, null = at the steady pace; `crowd` = nodes waited for like this one. */
export function askAgainMs(memory: NodeMemory, mono: number, crowd: number): number | null {
  const since = mono - memory.podEventAt;
  if (since < KEEN_MS) return Math.min(EAGER_EVERY_MS, Math.max(KEEN_EVERY_MS, KEEN_SHARE_MS * crowd));
  if (since < EAGER_MS) return EAGER_EVERY_MS;
  return since < 3 * EAGER_MS ? WANING_EVERY_MS : null;
}

/**
 * For how long status still says what it said of a sidecar that does not answer after a Pod event, 0 = no longer. Alone it
 * is told at once; while a fleet is drained, the API server has gates to open before (docs/design/0011-write-lanes.md).
 */
export function untoldMs(memory: NodeMemory, mono: number, crowd: number): number {
  return Math.max(0, Math.min(UNTOLD_MS, UNTOLD_SHARE_MS * crowd) - (mono - memory.podEventAt));
}
