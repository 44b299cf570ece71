/** The deciding half of a pass: what stands in the way, what has ended, and which plan comes next. Pure but for ids and time. */
import { endPlan, setPhase } from "./acting.ts";
import { acceptedVolume, unheededRestart } from "./consent.ts";
import { graceUntil, heldBackUntil, waitMs } from "./history.ts";
import { inputFor, isSeenNow, tellFailures } from "./looking.ts";
import { withFailure } from "./node-memory.ts";
import type { Drift, StoredPlan } from "./plan.ts";
import { mendPhase } from "./mend-phase.ts";
import { planOf } from "./plan-lifecycle.ts";
import { lacksProof } from "./proof.ts";
import { judge, type Verdict } from "./registry.ts";
import { drafted, nowOf, restAtMost, type Turn } from "./turn.ts";
import type { WaitingDrift } from "./detector.ts";
import type { ClaimView } from "./views.ts";
import { type Obstacle, setDrift, updateStarted } from "./verdicts.ts";

/** Puts what is to be done next into the draft: clears an ended plan, makes the next one. Returns what stands in the way. */
export function decide(turn: Turn, isPaused: boolean): Obstacle | null {
  clearEnded(turn);
  const status = turn.draft.status;
  if (status.plan?.phase === "Active") goOn(turn, status.plan, isPaused);
  if (status.plan?.phase === "Active" || isPaused) return null;
  mendPhase(turn);
  const { phase } = turn.draft.status;
  if (phase === "Failed") return restarted(turn);
  if (phase === "Initializing") return null;
  if (phase !== "Running") return init(turn);
  const lost = dataVolumeObstacle(turn);
  if (lost === null) return drift(turn);
  return unheededRestart(turn.node, turn.draft.status) === null ? lost : restarted(turn);
}

/**
 * Before an Active plan goes on: what it was made under may be otherwise. A paused node has no plan; only that of init
 * stays, since it cannot be made again.
 */
function goOn(turn: Turn, active: StoredPlan, isPaused: boolean): void {
  if (!turn.options.ports.mayAct(turn.node)) return;
  if (isPaused) {
    const isInit = active.failedPhase !== undefined;
    if (!isInit) endPlan(turn, active, { outcome: "Superseded", message: "spec.paused is set" });
    return;
  }
  const hasVolume = active.tasks.some(({ type, status }) => type === "ensure-data-pvc" && status === "Complete");
  if (hasVolume || turn.draft.status.phase === "Running") adoptVolume(turn);
}

/** Asks the detectors in their order; the first drift that may be acted on becomes the plan. */
function drift(turn: Turn): null {
  const { ports, detectors } = turn.options;
  const verdicts = judge(detectors, {
    inputFor: (name) => inputFor(turn, name),
    failureOf: (name) => turn.memory.looks.get(name)?.failure ?? null,
    waitOf: (found, name) => waitOf(turn, found, name),
  });
  for (const said of verdicts) {
    remember(turn, said);
    if (said.failure !== null) ports.report.detectorFailed(turn.node, said.name, said.failure);
    if (said.drift === null) continue;
    ports.report.drift(turn.node, said.name, said.mode);
    if (said.mode === "act" && !said.isWaiting) plan(turn, said.drift, said.name);
  }
  turn.memory.hasJudged = true;
  tellFailures(turn);
  // What is told is what would be done first, also where nothing is done: held back, or only observed.
  setDrift(turn.draft, verdicts.find((said) => said.drift !== null)?.drift ?? null);
  return null;
}

/** A look that failed is told as such; this is for those who saw well and then threw, or answered nonsense. */
function remember({ memory }: Turn, { name, failure }: Verdict): void {
  const isOfLook = failure === memory.looks.get(name)?.failure;
  memory.misjudged = withFailure(memory.misjudged, name, isOfLook ? null : failure);
}

/** A plan that has ended, or that the reader set aside as corrupt, leaves status before anything else is decided. */
function clearEnded(turn: Turn): void {
  const { plan: stored } = turn.draft.status;
  if (stored === null || stored === undefined) return;
  if (stored.phase === "Active") return;
  endPlan(turn, stored, { outcome: stored.phase, message: endMessage(stored) });
}

function endMessage({ phase, message, failedTaskDetail: task }: StoredPlan): string {
  if (phase !== "Failed") return "";
  return task === undefined ? (message ?? "") : `task ${task.type}: ${task.error || "no reason was given"}`;
}

function init(turn: Turn): null {
  const { ports, probeIntervalMs } = turn.options;
  if (!ports.mayAct(turn.node)) {
    restAtMost(turn, probeIntervalMs);
    return null;
  }
  const made = ports.initPlan(turn.node);
  if (lacksProof(turn, made.tasks)) return null;
  turn.memory.proof = "given";
  setPhase(turn, "Initializing");
  store(turn, planOf(made, "init", stampOf(turn)));
  return null;
}

/** Initialises a node anew when a person asked for it; nothing in between stands in its way. */
function restarted(turn: Turn): null {
  const word = unheededRestart(turn.node, turn.draft.status);
  const { ports } = turn.options;
  if (word === null || !ports.mayAct(turn.node) || lacksProof(turn, ports.initPlan(turn.node).tasks)) return null;
  turn.draft.set({ reinitialized: word });
  return init(turn);
}

/** A node that another program brought up: the volume it runs on is the one that counts from now on. */
function adoptVolume(turn: Turn): void {
  const { claim } = turn.around;
  if (turn.draft.status.dataVolume !== undefined || claim === null || claim.deleting) return;
  if (turn.options.ports.mayAct(turn.node)) turn.draft.set({ dataVolume: { claimName: claim.name, uid: claim.uid } });
}

/** The claim of another manager's node may have been there before the node, and then nobody has labelled it. */
const UNSEEN_VOLUME: Obstacle = {
  reason: "DataVolumeLost",
  message:
    "data volume: got no claim of the node's, want the one that it runs on. Label it sei.io/node with the node's name; the gate stays shut",
};

/** The gate is opened only on the volume that init completed on, or on one that a person accepted. */
function dataVolumeObstacle(turn: Turn): Obstacle | null {
  const { claim } = turn.around;
  const known = turn.draft.status.dataVolume;
  if (known === undefined) {
    adoptVolume(turn);
    return claim === null ? UNSEEN_VOLUME : null;
  }
  if (claim !== null && claim.uid === known.uid) return null;
  if (
    claim !== null &&
    !claim.deleting &&
    claim.uid === acceptedVolume(turn.node) &&
    turn.options.ports.mayAct(turn.node)
  ) {
    turn.draft.set({ dataVolume: { claimName: claim.name, uid: claim.uid } });
    return null;
  }
  const found = claim === null ? "no such claim" : foundInstead(claim, known);
  return {
    reason: "DataVolumeLost",
    message: `data volume: claim ${known.claimName}: got ${found}, want the one that init completed on. Restore it, or consent by annotation; the gate stays shut`,
  };
}

/** A spec that began to import a claim names another one than the node runs on. */
function foundInstead(claim: ClaimView, known: { readonly claimName: string }): string {
  return claim.name === known.claimName ? "another claim of that name" : `claim ${claim.name}`;
}

/** What keeps a drift from becoming a plan, and the pass that comes when it may; null when nothing does. */
function waitOf(turn: Turn, drift: Drift, detector: string): WaitingDrift["why"] | null {
  const { clock, ports } = turn.options;
  const history = clock.steadied(drafted(turn)).status.history ?? [];
  const now = clock.wall();
  const wait = Math.max(
    waitMs(heldBackUntil(history, detector, turn.node.metadata.generation), now),
    waitMs(graceUntil(history, drift.incarnation), now),
  );
  if (wait > 0) {
    restAtMost(turn, wait);
    return "backOff";
  }
  // Where nothing may be done, the first drift is told alone, as if it were its turn.
  if (!ports.mayAct(turn.node)) return null;
  if (!isSeenNow(turn, detector)) {
    restAtMost(turn, 0);
    return "look";
  }
  return drift.budget === undefined || ports.admit(turn.node, drift.budget) ? null : "place";
}

function plan(turn: Turn, drift: Drift, detector: string): void {
  const { ports, probeIntervalMs } = turn.options;
  if (!ports.mayAct(turn.node)) return restAtMost(turn, probeIntervalMs);
  if (lacksProof(turn, drift.tasks)) return;
  store(turn, planOf(drift, detector, stampOf(turn)));
}

function store(turn: Turn, made: StoredPlan): void {
  turn.draft.set({ plan: made });
  const started = updateStarted(made);
  if (started !== null) turn.draft.condition(started);
  turn.options.ports.report.planStarted(turn.node, made);
}

function stampOf({ options, node }: Turn): Parameters<typeof planOf>[2] {
  return { id: options.random.uuid4(), at: nowOf(options.clock), generation: node.metadata.generation };
}
