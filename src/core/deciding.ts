/** The deciding half of a pass: what stands in the way, what has ended, and which plan comes next. Pure but for ids and time. */
import { endPlan, setPhase } from "./acting.ts";
import {
  type Drift,
  type DriftReport,
  graceUntil,
  heldBackUntil,
  type Obstacle,
  planOf,
  planType,
  type StoredPlan,
  unheededRestart,
  type WaitingDrift,
  waitMs,
} from "../model/index.ts";
import { dataVolumeObstacle, noteVolume } from "./data-volume.ts";
import { initDigestOf } from "./init-baseline.ts";
import { inputFor, isSeenNow, tellFailures } from "./looking.ts";
import type { Life } from "./life.ts";
import { withFailure } from "./node-memory.ts";
import { lacksProof } from "./proof.ts";
import { judge, type Verdict } from "./registry.ts";
import { hasPlan } from "./stored-report.ts";
import { drafted, nowOf, restAtMost, type Turn } from "./turn.ts";
import { setDrift, updateStarted } from "./verdicts.ts";

/** Puts what is to be done next into the draft: clears an ended plan, makes the next one. Returns what stands in the way. */
export function decide(turn: Turn, isPaused: boolean, life: Life): Obstacle | null {
  clearEnded(turn);
  const { plan: stored } = turn.draft.status;
  if (stored?.phase === "Active") goOn(turn, stored, isPaused);
  if (turn.draft.status.plan?.phase === "Active" || isPaused) return turn.withheld;
  return byPhase(turn, life);
}

function byPhase(turn: Turn, life: Life): Obstacle | null {
  // The plan of init is stored with its phase and ends with another: how far it came, nobody knows.
  if (turn.draft.status.phase === "Initializing" && turn.options.ports.mayAct(turn.node)) setPhase(turn, "Failed");
  if (turn.draft.status.phase !== "Running" && turn.withheld !== null) return turn.withheld;
  switch (turn.draft.status.phase ?? "Pending") {
    case "Failed":
      return restarted(turn);
    case "Initializing":
      return null;
    case "Running":
      return running(turn, life);
    case "Pending":
    case "Terminating":
      return begun(turn, life);
  }
}

function running(turn: Turn, life: Life): Obstacle | null {
  if (life.kind === "restart") return restarted(turn);
  const lost = dataVolumeObstacle(turn, life);
  if (lost === null) return drift(turn);
  if (lost.reason === "StatusLost") return stalled(turn, life, lost);
  return unheededRestart(turn.node, turn.draft.status) === null ? lost : restarted(turn);
}

/** A node whose phase does not say where it stands in its life. */
function begun(turn: Turn, life: Life): Obstacle | null {
  switch (life.kind) {
    case "told":
    case "new":
      return init(turn);
    case "up":
      setPhase(turn, "Running");
      turn.draft.set({ dataVolume: { claimName: life.volume.name, uid: life.volume.uid } });
      restAtMost(turn, 0);
      return null;
    case "restart":
      return restarted(turn);
    case "halfway":
      setPhase(turn, "Failed");
      return restarted(turn);
    case "stalled":
      return stalled(turn, life, life.obstacle);
    case "unread":
      return null;
  }
}

/** Looked at again at the steady pace: what is missing may come. A word that was there before counts as heeded. */
function stalled(turn: Turn, life: Life, obstacle: Obstacle): Obstacle {
  if (life.kind === "stalled" && life.word !== undefined) turn.draft.set({ reinitialized: life.word });
  restAtMost(turn, turn.options.probeIntervalMs);
  return obstacle;
}

/**
 * Before an Active plan goes on: what it was made under may be otherwise. A paused node has no plan; only that of init
 * stays, since it cannot be made again.
 */
function goOn(turn: Turn, active: StoredPlan, isPaused: boolean): void {
  if (!turn.options.ports.mayAct(turn.node)) return;
  const isInit = active.failedPhase !== undefined;
  if (!hasPhaseOf(turn, isInit)) {
    if (!isInit) return endPlan(turn, active, { outcome: "Superseded", message: "status.phase was lost" });
    setPhase(turn, "Initializing");
  }
  if (isPaused || !isServed(turn, active)) {
    const message = isPaused ? "spec.paused is set" : (turn.withheld?.message ?? "");
    if (!isInit) endPlan(turn, active, { outcome: "Superseded", message });
    return;
  }
  noteVolume(turn, active);
}

/** What a plan is carried out under; where the phase was lost, nothing but the plan of init says where the node stands. */
function hasPhaseOf({ draft }: Turn, isInit: boolean): boolean {
  const { phase } = draft.status;
  return phase === "Running" || phase === "Failed" || (isInit && phase === "Initializing");
}

/** Asks the detectors in their order; the first drift that may be acted on becomes the plan. */
function drift(turn: Turn): Obstacle | null {
  const { ports, detectors } = turn.options;
  const verdicts = judge(detectors, {
    inputFor: (name) => inputFor(turn, name),
    failureOf: (name) => turn.memory.looks.get(name)?.failure ?? null,
    waitOf: (found, name) => waitOf(turn, found, name),
  });
  const first = verdicts.find((said) => said.drift !== null)?.drift ?? null;
  for (const said of verdicts) {
    remember(turn, said);
    if (said.failure !== null) ports.report.detectorFailed(turn.node, said.name, said.failure);
    if (said.drift === null) continue;
    ports.report.drift(turn.node, driftReport(said, said.drift, ports.mayAct(turn.node)));
    if (said.mode !== "act" || said.waits !== null) continue;
    // What condition `Drift` says is not said twice; a roll-out's images are told again when it ends.
    const isTold = said.drift === first && planType({ ...said.drift, detector: said.name }) !== "node-update";
    plan(turn, said.drift, { detector: said.name, isTold });
  }
  turn.memory.hasJudged = true;
  tellFailures(turn);
  // What is told is what would be done first, also where nothing is done: held back, or only observed.
  setDrift(turn.draft, first);
  return turn.withheld;
}

function driftReport({ name, mode, waits }: Verdict, { reason, message, tasks }: Drift, mayAct: boolean): DriftReport {
  const types = tasks.map(({ type }) => type);
  return { detector: name, mode: mayAct && mode === "act" ? "act" : "observe", reason, message, tasks: types, waits };
}

/** Whether the stored plan goes on, with what stands in the way. */
export function isCarriedOn(turn: Turn, obstacle: Obstacle | null): boolean {
  const { plan } = turn.node.status;
  return (obstacle === null || obstacle === turn.withheld) && plan?.phase === "Active" && isServed(turn, plan);
}

/** Whether a plan may be carried out: of a spec that is withheld, only one that opens the gate and applies nothing. */
function isServed({ withheld }: Turn, { tasks }: { readonly tasks: readonly { readonly type: string }[] }): boolean {
  return withheld === null || tasks.every(({ type }) => type === "mark-ready");
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
  turn.draft.set(initDigestOf(ports, turn.node, turn.memory));
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
  if (!isServed(turn, drift)) return "spec";
  // Where nothing may be done, the first drift is told alone, as if it were its turn.
  if (!ports.mayAct(turn.node)) return null;
  if (!isSeenNow(turn, detector)) {
    restAtMost(turn, 0);
    return "look";
  }
  return drift.budget === undefined || ports.admit(turn.node, drift.budget) ? null : "place";
}

/** `isTold`: why is told elsewhere in status. */
function plan(
  turn: Turn,
  drift: Drift,
  { detector, isTold }: { readonly detector: string; readonly isTold: boolean },
): void {
  const { ports, probeIntervalMs } = turn.options;
  if (!ports.mayAct(turn.node)) return restAtMost(turn, probeIntervalMs);
  if (lacksProof(turn, drift.tasks)) return;
  const made = planOf(isTold ? { ...drift, message: "" } : drift, detector, stampOf(turn));
  store(turn, made, drift.message);
}

function store(turn: Turn, made: StoredPlan, message = made.message ?? ""): void {
  turn.draft.set({ plan: made });
  const started = updateStarted(made);
  if (started !== null) turn.draft.condition(started);
  const { node, options } = turn;
  turn.reports.push({
    isStored: (stored) => hasPlan(stored, made.id),
    tell: () => options.ports.report.planStarted(node, { ...made, message }),
  });
}

function stampOf({ options, node, draft }: Turn): Parameters<typeof planOf>[2] {
  const { generation } = node.metadata;
  return { id: options.random.uuid4(), at: nowOf(options.clock), generation, phase: draft.status.phase };
}
